/// How far a job came. Each step is on disk before what follows it is begun.
package enum JobStep: String, Sendable, Hashable, CaseIterable {
  /// On disk; the worker has not looked at it, or looks again later because something is missing.
  case accepted
  /// Source and target are known, but the source is in use, or the target's place is not free yet.
  case waiting
  /// Source and target were found and measured, and the place is bound.
  case prepared
  case copying
  /// Every byte is on the target's disk.
  case copied
  case verifying
  case verified
  /// The end: the report is in the journal.
  case reported
  /// The last try failed; `Job.failure` says whether there will be another.
  case failed
  /// Stopped because someone asked; nothing is left of it on the target.
  case cancelled

  /// Whether the job is over unless someone steps in.
  package var isFinal: Bool { self == .reported || self == .cancelled }

  /// Whether bytes move or are compared.
  package var isMoving: Bool {
    switch self {
    case .copying, .copied, .verifying, .verified: true
    default: false
    }
  }
}
