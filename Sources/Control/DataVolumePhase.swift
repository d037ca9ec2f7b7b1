/// CDI's word for how far a DataVolume is (SEMANTICS.md c.6), so that tools which know CDI know ours. Those
/// of clones that are copied by a copier.
enum DataVolumePhase: String, Sendable, Hashable, CaseIterable {
  case pending = "Pending"
  case waitForFirstConsumer = "WaitForFirstConsumer"
  case cloneScheduled = "CloneScheduled"
  case cloneInProgress = "CloneInProgress"
  case succeeded = "Succeeded"
  case failed = "Failed"
  /// Nobody here knows: somebody else fills the claim.
  case unknown = "Unknown"

  /// A clone for which a copy was ordered.
  var isBegun: Bool { self == .cloneScheduled || self == .cloneInProgress }

  /// A clone that goes on, or waits.
  var isUnderWay: Bool {
    switch self {
    case .pending, .waitForFirstConsumer, .cloneScheduled, .cloneInProgress: true
    case .succeeded, .failed, .unknown: false
    }
  }
}
