import Control
import Kubernetes

/// What keeps the API server from doing what a clone needs, as far as people should be told: its rules, a
/// quota or a policy at once; what usually passes by itself, when it does not.
struct CloneObstruction: Sendable {
  /// Failures in a row of the passing kind that nobody is told of: an API server or a webhook that starts
  /// again is back within these retries, which take some two seconds.
  static let patience = 3

  private var failures = 0
  /// For the next decision.
  private(set) var trouble: CloneTrouble?

  /// - Returns: whether there is something to tell that was not told yet.
  mutating func met(_ error: KubernetesError) -> Bool {
    // Without an answer nothing can be written, the status as little as the rest.
    guard error.code != nil else { return false }
    failures += 1
    guard !error.isTransient || failures > Self.patience else { return false }
    defer { trouble = CloneTrouble(reason: error.reason.rawValue, message: error.message) }
    return trouble == nil
  }
}
