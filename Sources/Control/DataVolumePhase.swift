/// CDI's word for how far a DataVolume is (SEMANTICS.md c.6), so that tools which know CDI know ours. Those
/// of clones that are copied by a copier.
enum DataVolumePhase: String, Sendable, Hashable {
  case pending = "Pending"
  case waitForFirstConsumer = "WaitForFirstConsumer"
  case cloneScheduled = "CloneScheduled"
  case cloneInProgress = "CloneInProgress"
  case succeeded = "Succeeded"
  case failed = "Failed"
}
