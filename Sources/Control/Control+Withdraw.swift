package import Admission
internal import JSON

extension Control {
  /// What is said of a clone that was withdrawn. CDI takes no further step for such a DataVolume; ours would
  /// say for ever how far the copy was that has been stopped.
  /// - Parameter clone: as `CloneDataVolume(withdrawn:)` has it.
  package static func withdraw(_ clone: CloneDataVolume, now: UTCTime) -> ClonePlan {
    let stored = clone.object.field("status")
    let reason = "CloneWithdrawn"
    let message =
      "somebody else fills the claim, as an annotation or the claim's own data source says: clonegate copies "
      + "nothing (more) into it, and does not know what it holds; without that the clone begins anew"
    let bound = CloneStatus.Condition(CloneStatus.conditions(stored)["Bound"])
    let status = CloneStatus(
      phase: .unknown, claimName: stored?.filled("claimName"),
      restartCount: Int(clamping: stored?.field("restartCount")?.int ?? 0),
      bound: bound ?? .no("NotFound", "No PVC found"), running: .no(reason, message),
      ready: .no(reason, message), copy: ["reason": .string(reason)])
    var plan = ClonePlan()
    plan.status = status.json(after: stored, now: now)
    plan.events = [CloneEvent(isWarning: true, reason: reason, message: message)]
    return plan
  }
}
