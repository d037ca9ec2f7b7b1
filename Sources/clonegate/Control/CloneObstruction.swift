import Admission
import Control
import Kubernetes

/// What keeps the API server from doing what a clone needs, as far as people should be told: its rules, a
/// quota or a policy at once; what usually passes by itself, when it does not.
struct CloneObstruction: Sendable {
  /// Failures in a row of the passing kind that nobody is told of: an API server or a webhook that starts
  /// again is back within these retries, which take some two seconds.
  static let patience = 3

  /// Conflicts in a row that a mirror which is behind accounts for: some six seconds' worth.
  static let overtakings = 20

  /// The order that could not be removed, when that is what is in the way: one of an earlier DataVolume of
  /// the name.
  let earlierOrder: String?
  private var failures = 0
  private var conflicts = 0
  /// For the next decision.
  private(set) var trouble: CloneTrouble?

  init(earlierOrder: String? = nil) { self.earlierOrder = earlierOrder }

  /// - Returns: whether there is something to tell that was not told yet.
  mutating func met(_ error: KubernetesError) -> Bool {
    // Without an answer nothing can be written, the status as little as the rest.
    guard error.code != nil else { return false }
    failures += 1
    guard !error.isTransient || failures > Self.patience else { return false }
    defer { trouble = told(error) }
    return trouble == nil
  }

  /// Somebody else was faster, or what was seen is old, says the API server.
  /// - Returns: whether a mirror that is behind accounts for that.
  mutating func overtaken(by error: KubernetesError) -> Bool {
    conflicts += 1
    guard conflicts > Self.overtakings else { return true }
    trouble = told(error)
    return false
  }

  private func told(_ error: KubernetesError) -> CloneTrouble {
    guard let earlierOrder else { return CloneTrouble(reason: error.reason.rawValue, message: error.message) }
    return CloneTrouble(
      reason: "CopyOrderNotRemoved",
      message:
        "VolumeCopy \(BoundedText.plain(earlierOrder)) of an earlier DataVolume of this name cannot be "
        + "removed (\(error.message)); see to that, or delete it")
  }
}
