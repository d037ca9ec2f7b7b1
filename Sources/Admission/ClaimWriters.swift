/// The Pods that write to one claim: how many, and one by name, so that any number takes the same memory.
struct ClaimWriters: Sendable, Hashable {
  private(set) var count = 0
  /// The first in the order of names, as `PodDisks.description`: the same one whoever comes first.
  private(set) var first = ""

  mutating func add(_ pod: PodDisks) {
    let name = pod.description
    first = count == 0 ? name : min(first, name)
    count += 1
  }

  /// Why a copy of `claim` waits.
  func warning(of claim: NamespacedName) -> String {
    let others = count > 1 ? " and \(count - 1) more" : ""
    let end = count > 1 ? "they stop" : "it stops"
    return "source PVC \(claim.safe) is used by pod \(first)\(others); the copy waits until \(end)"
  }
}
