/// CDI's word for how far a DataVolume is (SEMANTICS.md c.6), so that tools which know CDI know ours.
package enum DataVolumePhase: String, Sendable, Hashable {
  case pending = "Pending"
  case cloneScheduled = "CloneScheduled"
  case cloneInProgress = "CloneInProgress"
  case succeeded = "Succeeded"
  case failed = "Failed"
}

extension Job {
  /// A failure that will be tried again leaves the phase alone, as a failed pod does in CDI.
  package var phase: DataVolumePhase {
    switch step {
    case .accepted: .pending
    case .waiting, .prepared: .cloneScheduled
    case .copying, .copied, .verifying, .verified: .cloneInProgress
    case .reported: .succeeded
    case .cancelled: .failed
    case .failed: failure == .final ? .failed : (targetPlace == nil ? .pending : .cloneScheduled)
    }
  }

  /// CDI's progress text: "N/A" before there is a number, two decimals while it moves, "100.0%" at the end.
  /// It never says 100 before the end: what is copied but not yet flushed, verified and reported is not done.
  package var progressText: String {
    if step == .reported { return "100.0%" }
    guard progress.total > 0, step.isMoving || progress.done > 0 else { return "N/A" }
    let hundredths = min(Double(progress.done) / Double(progress.total) * 10_000, 9_999)
    let whole = Int64(hundredths)
    let fraction = whole % 100
    return "\(whole / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
  }
}
