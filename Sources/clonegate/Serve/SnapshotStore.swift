import Admission
import Authorization
import Glibc
import JSON
import Synchronization

/// Holds the snapshot that reviews are judged by, and makes the next one: of a cluster's mirror, or of a
/// directory and the journal. A directory that cannot be read
/// whole changes nothing: the last good snapshot stays, so that a broken file never widens access; without
/// one, nothing is judged.
final class SnapshotStore: Sendable {
  /// What the next snapshot is made of.
  private struct Parts {
    /// Nothing is published before a directory was read: an empty policy is not a policy.
    var isLoaded = false
    var policy = Policy.empty
    var inventory = Inventory()
    var objects = 0
    /// DataVolumes and claims that the journal knows.
    var recorded: [JSONNode] = []
    /// `inventory` with `recorded`, so that one more costs no new reading of all the others.
    var whole = Inventory()

    // What a person wrote about a claim comes before what the journal remembers of it.
    mutating func gather() { whole = inventory.adding(recorded.filter { !inventory.holds($0) }).inventory }
    mutating func gather(more: [JSONNode]) {
      recorded += more
      whole = whole.adding(more.filter { !inventory.holds($0) }).inventory
    }
  }

  private struct Published {
    var snapshot: Snapshot?
    var report = PolicyReport()
  }

  private let settings: AdmissionSettings
  /// Held while a snapshot is made, so that two makers do not lose one another's change.
  private let parts = Mutex(Parts())
  /// Held only to read or swap: the way of every review.
  private let published = Mutex(Published())

  init(settings: AdmissionSettings) { self.settings = settings }

  /// Nil until a directory was read without a problem.
  var current: Snapshot? { published.withLock { $0.snapshot } }
  var report: PolicyReport { published.withLock { $0.report } }

  /// Takes what the directory holds now, or says why not.
  @discardableResult
  func offer(_ contents: StandaloneDirectory.Contents) -> PolicyReport {
    let nodes = contents.objects.map { JSONNode($0) }
    let (policy, policyProblems) = Policy.build(from: nodes)
    let (inventory, inventoryProblems) = Inventory.build(from: nodes)
    let refused = policyProblems.filter { $0.severity == .refused }
    let problems = contents.problems.map(\.description) + refused.map { Self.sentence($0, in: contents) }
    guard problems.isEmpty else { return keep(problems) }
    parts.withLock { parts in
      parts.isLoaded = true
      (parts.policy, parts.inventory, parts.objects) = (policy, inventory, nodes.count)
      parts.gather()
      publish(parts)
    }
    return published.withLock { state in
      state.report.problems = []
      // What cannot be read of a disk gives nobody a right, so it must not keep alive one that was revoked.
      state.report.notes =
        policyProblems.map { Self.sentence($0, in: contents) }
        + inventoryProblems.map { "\($0.object): \($0.message)" }
      state.report.loadedAt = Int64(time(nil))
      state.report.successes += 1
      return state.report
    }
  }

  /// Takes what a cluster's mirror holds now.
  /// - Parameter notes: about objects that are left out of the policy, which never widens access.
  func take(policy: Policy, inventory: Inventory, objects: Int, notes: [String]) {
    parts.withLock { parts in
      parts.isLoaded = true
      (parts.policy, parts.inventory, parts.objects) = (policy, inventory, objects)
      parts.gather()
      publish(parts)
    }
    published.withLock { state in
      state.report.notes = notes
      state.report.loadedAt = Int64(time(nil))
      state.report.successes += 1
    }
  }

  /// The DataVolumes and claims that the journal knows, all of them.
  func setRecorded(_ objects: [JSONValue]) {
    let nodes = objects.map { JSONNode($0) }
    parts.withLock { parts in
      parts.recorded = nodes
      parts.gather()
      publish(parts)
    }
  }

  /// A few more of them, which were recorded just now: the next review must know of them.
  func addRecorded(_ objects: [JSONValue]) {
    let nodes = objects.map { JSONNode($0) }
    parts.withLock { parts in
      parts.gather(more: nodes)
      publish(parts)
    }
  }

  private func keep(_ problems: [String]) -> PolicyReport {
    published.withLock { state in
      state.report.problems = problems
      state.report.failures += 1
      return state.report
    }
  }

  private func publish(_ parts: Parts) {
    guard parts.isLoaded else { return }
    let judge = Judge(policy: parts.policy, inventory: parts.whole, settings: settings)
    let size = parts.policy.size
    let snapshot = Snapshot(
      judge: judge, objects: parts.objects, roles: size.roles, bindings: size.bindings)
    published.withLock { $0.snapshot = snapshot }
  }

  private static func sentence(_ problem: Problem, in contents: StandaloneDirectory.Contents) -> String {
    let place = contents.manifests.first {
      $0.kind == problem.kind && $0.namespace == problem.namespace && $0.name == problem.name
    }
    let prefix = place.map { "\($0.file):\($0.line): " } ?? ""
    let name = problem.namespace.isEmpty ? problem.name : "\(problem.namespace)/\(problem.name)"
    return "\(prefix)\(problem.kind) \(name): \(problem.message)"
  }
}

extension Inventory {
  /// Whether a claim or DataVolume of this name is there already.
  fileprivate func holds(_ object: JSONNode) -> Bool {
    let metadata = object["metadata"]
    let id = NamespacedName(
      namespace: metadata?["namespace"]?.string ?? "", name: metadata?["name"]?.string ?? "")
    switch object["kind"]?.string {
    case "PersistentVolumeClaim": return claim(id) != nil
    case "DataVolume": return hasDataVolume(id)
    default: return false
    }
  }
}
