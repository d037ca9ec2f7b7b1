package import Admission
internal import JSON

extension Control {
  /// What is said of a clone that is done and whose claim was deleted later. The phase stays, as CDI's does,
  /// and nothing is copied again: who deleted the disk may have wanted that.
  /// - Parameter clone: one that `claimsItsDisk`, of whose claim the API server itself has nothing.
  package static func bereave(_ clone: CloneDataVolume, now: UTCTime) -> ClonePlan {
    let stored = clone.object.field("status")
    let before = CloneStatus.conditions(stored)
    let reason = "NotFound"
    let message = BoundedText.message(
      "PVC \(clone.id.name) was deleted after the copy; delete the DataVolume to clone again")
    var status = CloneStatus(
      phase: .succeeded, progress: stored?.text("progress") ?? "100.0%",
      claimName: stored?.filled("claimName"),
      restartCount: Int(clamping: stored?.field("restartCount")?.int ?? 0), bound: .no(reason, message),
      running: CloneStatus.Condition(before["Running"]) ?? .no("Completed", "Clone Complete"),
      ready: .no(reason, message))
    if case .object(let copy)? = stored?.field("copy")?.value { status.copy = copy }
    var plan = ClonePlan()
    plan.status = status.json(after: stored, now: now)
    plan.events = [CloneEvent(isWarning: true, reason: reason, message: message)]
    return plan
  }
}
