import Admission
import Authorization

/// Policy and inventory as they were at one moment, ready to judge. Immutable: it is swapped whole, so that
/// a review never meets half of a change.
struct Snapshot: Sendable {
  let judge: Judge
  /// Objects of the directory that it was made of.
  let objects: Int
  /// Roles and bindings in force.
  let roles: Int
  let bindings: Int
}

/// How the last reading of the policy went; what `/readyz` and the metrics say about it.
struct PolicyReport: Sendable, Hashable {
  /// What keeps the newest state of the directory from taking effect; empty when it did.
  var problems: [String] = []
  /// What an owner should know and what does no harm: bindings to roles that do not exist.
  var notes: [String] = []
  /// Seconds since 1970 of the last reading that took effect; nil when there was none yet.
  var loadedAt: Int64?
  var successes = 0
  var failures = 0
}
