import Admission
import Control
import JSON
import Testing

/// What becomes of a copy that was begun: when its copier or its node is gone, when it failed for good, and
/// when nobody accepts it any more.
@Suite struct StandingTests {
  private func running(_ model: ClusterModel) -> JSONValue? {
    model.status?["conditions"]?.array?.first { $0["type"] == "Running" }
  }

  @Test(arguments: [nil, .waiting, .copying, .verifying] as [VolumeCopyReport.Phase?])
  func `a node that is gone is named, and asked about only when its copier is silent`(
    phase: VolumeCopyReport.Phase?
  ) throws {
    var model = ClusterModel.scheduled
    if let phase { model.report(phase) }
    model.settle()
    model.pass(ControlTiming.silence - 1)
    let order = JSONNode(try #require(model.order))
    #expect(!Control.wantsNode(order: order, heard: nil, now: model.now) && model.plan.wakeAfter == 1)
    model.pass(1)
    #expect(Control.wantsNode(order: order, heard: nil, now: model.now))
    model.settle()
    #expect(running(model)?["reason"] == "CopierSilent")
    #expect(model.plan.wakeAfter == ControlTiming.poll, "the node may go while its copier is silent")
    model.nodeExists = false
    model.settle()
    #expect(running(model)?["reason"] == "NodeNotFound")
    #expect(model.plan.wakeAfter == ControlTiming.poll, "and come back")
  }

  @Test func `a clone that is done says so when its disk is gone, once, and stays done`() throws {
    var model = ClusterModel.scheduled
    model.report(.copying)
    #expect(!(try clone(of: model).claimsItsDisk), "it is not done")
    model.report(.succeeded)
    model.settle()
    let clone = try clone(of: model)
    #expect(clone.claimsItsDisk)
    let plan = Control.bereave(clone, now: model.now)
    #expect(plan.actions.isEmpty && plan.events.map(\.reason) == ["NotFound"] && plan.events[0].isWarning)
    let before = model.status
    model.carryOut(plan)
    let conditions = model.status?["conditions"]?.array ?? []
    #expect(conditions.map { $0["status"] } == ["False", "False", "False"])
    for condition in conditions where condition["type"] != "Running" {
      #expect(condition["reason"] == "NotFound")
      #expect(
        condition["message"] == "PVC copy was deleted since; delete the DataVolume to clone again")
    }
    #expect(model.phase == "Succeeded" && model.status?["copy"] == before?["copy"])
    #expect(model.status?["progress"] == "100.0%" && model.status?["claimName"] == "copy")
    #expect(!(try self.clone(of: model).claimsItsDisk))
  }

  @Test func `a clone whose disk is there again says so once that is bound`() throws {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.settle()
    #expect(!(try clone(of: model).missesItsDisk))
    let whole = model.status?["conditions"]?.array?.map { [$0["type"], $0["status"], $0["reason"]] }
    model.carryOut(Control.bereave(try clone(of: model), now: model.now))
    let clone = try clone(of: model)
    #expect(clone.missesItsDisk)
    let pending = ClusterModel.claim("b", "copy", uid: "c-new")
    #expect(Control.reunite(clone, with: JSONNode(pending), now: model.now) == nil)
    let bound = ClusterModel.claim(
      "b", "copy", uid: "c-new", volume: "pv-new", bytes: ClusterModel.gibibyte)
    let plan = try #require(Control.reunite(clone, with: JSONNode(bound), now: model.now))
    #expect(plan.actions.isEmpty && plan.events.map(\.reason) == ["Bound"] && !plan.events[0].isWarning)
    model.carryOut(plan)
    #expect(model.status?["conditions"]?.array?.map { [$0["type"], $0["status"], $0["reason"]] } == whole)
    #expect(!(try self.clone(of: model).missesItsDisk))
  }

  private func clone(of model: ClusterModel) throws -> CloneDataVolume {
    try #require(CloneDataVolume(model.situation.dataVolume))
  }

  @Test func `nothing is asked about the node of a copy that is over, but of one that is to go`() throws {
    var model = ClusterModel.scheduled
    model.report(.failed)
    model.pass(10_000)
    #expect(!Control.wantsNode(order: JSONNode(try #require(model.order)), heard: nil, now: model.now))
    model.order!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    #expect(Control.wantsNode(order: JSONNode(try #require(model.order)), heard: nil, now: model.now))
  }

  @Test func `a copy that is complete is so although its order is deleted before that is told`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.order!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    var other = model
    other.order!["spec"]!["target"]!["volumeUID"] = "another"
    model.settle()
    #expect(model.phase == "Succeeded")
    #expect(other.plan.status?["phase"] == "CloneScheduled", "onto another volume")
    other.acceptance = .refused("forged")
    #expect(other.plan.status?["phase"] == "Pending")
  }

  @Test func `an order that its copier has to let go is looked at again, for its node may go too`() throws {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.order!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    model.settle()
    #expect(running(model)?["reason"] == "CopyBeingCancelled")
    #expect(model.plan.wakeAfter == ControlTiming.poll && model.plan.actions.isEmpty)
    model.dataVolume!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    #expect(model.plan.wakeAfter == ControlTiming.poll && model.plan.actions.isEmpty)
    model.nodeExists = false
    model.settle()
    #expect(model.order == nil && model.plan == ClonePlan())
  }

  private static let noAcceptance: [CloneAcceptance] = [
    .refused("forged"), .lapsed("old key"), .undecided("no key"),
  ]

  @Test(arguments: noAcceptance) func `what failed stays so whatever its acceptance reads as later`(
    acceptance: CloneAcceptance
  ) {
    var model = ClusterModel.scheduled
    model.report(.failed) { ($0.reason, $0.message) = ("TargetTooSmall", "5 bytes do not hold 6") }
    model.settle()
    model.acceptance = acceptance
    #expect(model.plan.actions.isEmpty && model.plan.status == nil)
    model.order = nil
    model.settle()
    #expect(model.phase == "Failed" && running(model)?["message"] == "5 bytes do not hold 6")
    #expect(model.order == nil && model.events.last?.reason == "CloneFailed")
    model.acceptance = .sameNamespace
    model.settle()
    #expect(model.phase == "CloneScheduled", "tried again")
  }

  @Test func `a status that says Failed saves no running copy from a refusal`() {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.dataVolume!["status"]!["phase"] = "Failed"
    model.acceptance = .refused("forged")
    model.settle()
    #expect(model.phase == "Pending" && model.order?["metadata"]?["deletionTimestamp"] != nil)
  }

  @Test func `what was begun goes on when the key of its stamp is gone, and nothing else is begun`() {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.acceptance = .lapsed("old key")
    model.settle()
    #expect(model.phase == "CloneInProgress")
    model.report(.failed) { $0.isRetryable = true }
    model.pass(2 * ControlTiming.longestPause)
    model.settle()
    #expect(model.order?["spec"]?["attempt"] == 2, "the order proves that it was accepted")
    var gone = model
    model.report(.succeeded)
    model.settle()
    #expect(model.phase == "Succeeded")
    gone.order = nil
    gone.settle()
    #expect(gone.phase == "Pending" && running(gone)?["reason"] == "CloneNotAccepted" && gone.order == nil)
  }

  @Test func `a running copy is followed while nobody can say whether it is accepted`() {
    var model = ClusterModel.scheduled
    model.acceptance = .undecided("no key")
    model.report(.copying)
    model.settle()
    #expect(model.phase == "CloneInProgress")
    model.acceptance = .refused("forged")
    model.settle()
    #expect(model.phase == "Pending" && model.order?["metadata"]?["deletionTimestamp"] != nil)
  }

  private static let skews: [Int64] = [-86_400 * 365, -ControlTiming.silence, 7200, 86_400 * 365]

  @Test(arguments: skews) func `a copier whose clock is another one is silent when nothing is heard of it`(
    skew: Int64
  ) throws {
    var model = ClusterModel.scheduled
    model.report(.copying) { [now = model.now] in $0.heartbeatTime = UTCTime(seconds: now.seconds + skew) }
    model.orderHeard = model.now
    model.pass(ControlTiming.silence - 1)
    model.settle()
    #expect(running(model)?["reason"] == "Running")
    let order = JSONNode(try #require(model.order))
    #expect(!Control.wantsNode(order: order, heard: model.orderHeard, now: model.now))
    model.pass(1)
    model.settle()
    #expect(running(model)?["reason"] == "CopierSilent")
    #expect(Control.wantsNode(order: order, heard: model.orderHeard, now: model.now))
  }

  @Test(arguments: skews) func `a failure that a clock ahead dates is tried again after the same pause`(
    skew: Int64
  ) throws {
    var model = ClusterModel.scheduled
    model.report(.failed) { [now = model.now] in
      $0.isRetryable = true
      $0.finishTime = UTCTime(seconds: now.seconds + skew)
    }
    model.orderHeard = model.now
    model.settle()
    model.pass(2 * ControlTiming.firstPause)
    model.settle()
    #expect(model.order?["spec"]?["attempt"] == 2)
  }
}
