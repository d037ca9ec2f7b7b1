package import Admission
package import JSON

/// What is said of a clone that is done when its claim goes, and when there is one again. The phase stays, as
/// CDI's does, and nothing is copied again: who deleted the disk may have wanted that.
extension Control {
  /// Reason of the conditions Bound and Ready without a claim.
  static let missing = "NotFound"

  /// - Parameter clone: one that `claimsItsDisk`, of whose claim the API server itself has nothing.
  package static func bereave(_ clone: CloneDataVolume, now: UTCTime) -> ClonePlan {
    let message = BoundedText.message(
      "PVC \(clone.id.name) was deleted since; delete the DataVolume to clone again")
    let condition = CloneStatus.Condition.no(missing, message)
    return standing(clone, bound: condition, ready: condition, isWarning: true, now: now)
  }

  /// Somebody made a claim of the name, from a backup perhaps: no more is said that there is none.
  /// - Parameters:
  ///   - clone: one that `missesItsDisk`.
  ///   - claim: the claim of its name.
  /// - Returns: nil as long as the claim is not bound.
  package static func reunite(_ clone: CloneDataVolume, with claim: JSONNode, now: UTCTime) -> ClonePlan? {
    guard claim.field("status")?.text("phase") == "Bound" else { return nil }
    let bound = CloneStatus.Condition.yes("Bound", "PVC \(clone.id.name) Bound")
    return standing(clone, bound: bound, ready: .yes("", ""), isWarning: false, now: now)
  }

  private static func standing(
    _ clone: CloneDataVolume, bound: CloneStatus.Condition, ready: CloneStatus.Condition, isWarning: Bool,
    now: UTCTime
  ) -> ClonePlan {
    let stored = clone.object.field("status")
    var status = CloneStatus(
      phase: .succeeded, progress: stored?.text("progress") ?? "100.0%",
      claimName: stored?.filled("claimName"),
      restartCount: Int(clamping: stored?.field("restartCount")?.int ?? 0), bound: bound,
      running: CloneStatus.Condition(CloneStatus.conditions(stored)["Running"])
        ?? .no("Completed", "Clone Complete"),
      ready: ready)
    if case .object(let copy)? = stored?.field("copy")?.value { status.copy = copy }
    var plan = ClonePlan()
    plan.status = status.json(after: stored, now: now)
    plan.events = [CloneEvent(isWarning: isWarning, reason: bound.reason, message: bound.message)]
    return plan
  }
}
