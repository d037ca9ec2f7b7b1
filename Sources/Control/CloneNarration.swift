internal import Admission
internal import JSON

/// A step in the words of a DataVolume's status, and the events of the change from the stored one.
struct CloneNarration {
  let decision: CloneDecision
  let step: CloneStep

  private var stored: JSONNode? { decision.situation.dataVolume.field("status") }

  var plan: ClonePlan {
    var plan = ClonePlan()
    plan.actions = step.actions
    plan.wakeAfter = step.wakeAfter
    let wanted = status.json(after: stored, now: decision.situation.now)
    guard stored?.value != wanted else { return plan }
    plan.status = wanted
    plan.events = events
    return plan
  }

  private var status: CloneStatus {
    let text = decision.readReport.map { ReportText(report: $0) }
    var copy = text?.copy ?? JSONObject()
    let isDone = step.phase == .succeeded
    if !step.isRunning && !isDone { copy["reason"] = .string(step.reason) }
    return CloneStatus(
      phase: step.phase, progress: progress(text), claimName: decision.ownClaim?.claim.id.name,
      restartCount: restarts, bound: bound, running: running, ready: ready, copy: copy)
  }

  /// The end is told by the step, never by a report alone: one that is not believed counts for nothing.
  private func progress(_ text: ReportText?) -> String {
    if step.phase == .succeeded { return "100.0%" }
    guard let text, text.report.phase != .succeeded else { return "N/A" }
    return text.progress
  }

  /// Attempts after the first, and restarts within the last; never less than was said before.
  private var restarts: Int {
    let before = stored?.field("restartCount")?.int ?? 0
    let attempts = (decision.readCopy?.order.attempt ?? 1) - 1
    let now = Int64(attempts) + Int64(decision.readReport?.restarts ?? 0)
    return Int(min(max(before, now), Int64(Int32.max)))
  }

  private var bound: CloneStatus.Condition {
    let name = decision.clone.id.name
    guard let claim = decision.ownClaim else { return .no("NotFound", "No PVC found") }
    switch claim.phase {
    case "Bound": return .yes("Bound", "PVC \(name) Bound")
    case "Lost": return .no("ClaimLost", "Claim Lost")
    default: return .no("Pending", "PVC \(name) Pending")
    }
  }

  private var running: CloneStatus.Condition {
    .init(isTrue: step.isRunning, reason: step.reason, message: step.message)
  }

  private var ready: CloneStatus.Condition {
    if step.phase == .succeeded { return .yes("", "") }
    if step.isRunning { return .no("TransferRunning", "") }
    return .no(step.reason, step.message)
  }

  /// CDI sends one for a new phase, one for each change of Bound, and a Warning for a new reason why nothing
  /// runs (`controller-base.go`). What was said with the stored status is not said again.
  private var events: [CloneEvent] {
    var events: [CloneEvent] = []
    let before = CloneStatus.conditions(stored)
    let (oldBound, oldRunning) = (
      CloneStatus.Condition(before["Bound"]), CloneStatus.Condition(before["Running"])
    )
    if oldBound != bound, bound.reason != "NotFound" || oldBound?.isTrue == true {
      events.append(CloneEvent(isWarning: false, reason: bound.reason, message: bound.message))
    }
    if stored?.text("phase") != step.phase.rawValue, let event = phaseEvent { events.append(event) }
    if step.isProblem, step.phase != .failed, oldRunning != running {
      events.append(CloneEvent(isWarning: true, reason: step.reason, message: step.message))
    }
    return events
  }

  private var phaseEvent: CloneEvent? {
    func normal(_ reason: String, _ message: String) -> CloneEvent {
      CloneEvent(isWarning: false, reason: reason, message: message)
    }
    if step.reason == CloneStep.adopted { return normal(step.reason, step.message) }
    guard let source = decision.situation.source else { return nil }
    let way = "from \(source.id) into \(decision.clone.id)"
    switch step.phase {
    case .cloneScheduled: return normal("CloneScheduled", "Cloning \(way) scheduled")
    case .cloneInProgress: return normal("CloneInProgress", "Cloning \(way) in progress")
    case .succeeded: return normal("CloneSucceeded", "Successfully cloned \(way)")
    case .failed:
      return CloneEvent(
        isWarning: true, reason: "CloneFailed",
        message: BoundedText.message("Cloning \(way) failed: \(step.message)"))
    case .pending, .waitForFirstConsumer, .unknown: return nil
    }
  }
}
