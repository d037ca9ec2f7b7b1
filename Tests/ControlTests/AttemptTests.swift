import Admission
import Control
import JSON
import Testing

/// What comes of an order: reports, failures, silence, disks that are not the same any more.
@Suite struct AttemptTests {
  private func running(_ model: ClusterModel) -> JSONValue? {
    model.status?["conditions"]?.array?.first { $0["type"] == "Running" }
  }

  @Test func `an order names both disks by uid, its node and its copier`() throws {
    let object = try #require(ClusterModel.scheduled.order)
    let copy = try VolumeCopy(JSONNode(object))
    #expect(copy.name == ClusterModel.uid && copy.isHeldByCopier && copy.order.attempt == 1)
    #expect(copy.order.source.claimUID == "c-source" && copy.order.source.volumeUID == "uid-pv-source")
    #expect(copy.order.target.claim == "copy" && copy.order.target.volumeUID == "uid-pv-free")
    #expect(copy.order.nodeName == "node-a" && copy.order.verification == .digest)
    #expect(object["metadata"]?["labels"]?["clonegate.dev/node"] == "node-a")
    #expect(object["metadata"]?["namespace"] == "clonegate")
  }

  @Test(arguments: [(true, nil), (nil, true)] as [(Bool?, Bool?)])
  func `preallocation is the DataVolume's, else the operator's`(asked: Bool?, wished: Bool?) throws {
    var model = ClusterModel()
    if let asked { model.dataVolume!["spec"]!["preallocation"] = .bool(asked) }
    if let wished { model.settings.admission.preallocation = wished }
    model.settle()
    model.bindClaims()
    model.settle()
    #expect(model.order?["spec"]?["preallocation"] == true)
  }

  @Test func `a failure that may pass is tried again after a pause that grows`() throws {
    var model = ClusterModel.scheduled
    var pauses: [Int64] = []
    for attempt in 1..<ControlTiming.mostAttempts {
      model.report(.failed) { ($0.isRetryable, $0.reason, $0.message) = (true, "ReadFailed", "no luck") }
      model.settle()
      #expect(model.phase == "CloneScheduled" && running(model)?["reason"] == "ReadFailed")
      let pause = try #require(model.plan.wakeAfter)
      model.pass(pause - 1)
      #expect(model.plan.actions.isEmpty, "too early")
      model.pass(1)
      model.settle()
      #expect(model.order?["spec"]?["attempt"]?.int == Int64(attempt + 1))
      #expect(model.status?["restartCount"]?.int == Int64(attempt))
      pauses.append(pause)
    }
    #expect(pauses[0] >= 8 && pauses[0] <= 12 && pauses[1] > pauses[0] && pauses[2] > pauses[1])
    #expect(pauses.allSatisfy { $0 <= ControlTiming.longestPause * 6 / 5 })
    model.report(.failed) { $0.isRetryable = true }
    model.settle()
    #expect(model.phase == "Failed" && model.plan == ClonePlan(), "given up")
    let warnings = model.events.filter { $0.reason == "ReadFailed" }
    #expect(warnings.count == ControlTiming.mostAttempts - 1)
  }

  @Test(arguments: [-3600, 0, 3600] as [Int64]) func `the pause counts by our clock, whatever the node's is`(
    ahead: Int64
  ) throws {
    var model = ClusterModel.scheduled
    model.orderHeard = model.now
    let heard = UTCTime(seconds: model.now.seconds + ahead)
    func report(age: Int64) {
      model.report(.failed) {
        $0.isRetryable = true
        $0.heartbeatTime = heard
        $0.finishTime = UTCTime(seconds: heard.seconds - age)
      }
    }
    report(age: 0)
    let whole = try #require(model.plan.wakeAfter)
    #expect(whole >= 8 && whole <= 12)
    report(age: 5)
    #expect(model.plan.wakeAfter == whole - 5, "it failed before it could say so")
    model.pass(whole - 5)
    model.settle()
    #expect(model.order?["spec"]?["attempt"] == 2)
  }

  @Test func `a final failure stops, and stays when the source goes`() {
    var model = ClusterModel.scheduled
    model.report(.failed) { ($0.reason, $0.message) = ("TargetTooSmall", "5 bytes do not hold 6") }
    model.settle()
    #expect(model.phase == "Failed" && running(model)?["message"] == "5 bytes do not hold 6")
    let last = model.events.last
    #expect(last?.reason == "CloneFailed" && last?.isWarning == true)
    #expect(last?.message == "Cloning from images/disk into vms/copy failed: 5 bytes do not hold 6")
    model.sourceClaim = nil
    model.pass(10_000)
    #expect(model.plan == ClonePlan())
  }

  @Test func `a copy that is complete is so whatever became of its source`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.sourceClaim = nil
    model.settle()
    #expect(model.phase == "Succeeded")
  }

  @Test func `the report of an earlier attempt is no end`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.order!["spec"]!["attempt"] = 2
    model.settle()
    #expect(model.phase == "CloneScheduled" && model.status?["progress"] == "N/A")
  }

  @Test(arguments: [
    (["target", "claimUID"], "another"), (["target", "volumeUID"], "another"),
    (["source", "claim"], "another"), (["source", "namespace"], "another"),
  ])
  func `an order for other disks is no end, and is removed`(path: [String], value: String) {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.order!["spec"]![path[0]]![path[1]] = .string(value)
    model.settle()
    #expect(model.phase == "CloneScheduled")
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil)
  }

  @Test func `another DataVolume's order is no end`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.order!["metadata"]!["name"] = "another"
    model.order!["spec"]!["dataVolume"]!["uid"] = "another"
    #expect(model.plan.status?["phase"] != "Succeeded")
  }

  @Test func `a source on another volume than the order's is not tried again but anew`() {
    var model = ClusterModel.scheduled
    model.report(.failed) { $0.isRetryable = true }
    model.sourceVolume!["metadata"]!["uid"] = "uid-later"
    model.pass(2 * ControlTiming.longestPause)
    model.settle()
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil && model.order?["spec"]?["attempt"] == 1)
  }

  @Test func `an order outlives no claim`() {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.targetClaim = nil
    model.settle()
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil && model.targetClaim == nil)
    model.releaseOrder()
    model.settle()
    #expect(model.targetClaim != nil, "only now there is a new one")
    model = ClusterModel.scheduled
    model.report(.copying)
    model.targetClaim!["status"] = ["phase": "Pending"]
    model.settle()
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil)
  }

  @Test func `a source that was made anew is another disk`() {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.sourceClaim!["metadata"]!["uid"] = "c-later"
    model.sourceVolume!["spec"]!["claimRef"]!["uid"] = "c-later"
    model.settle()
    model.releaseOrder()
    model.settle()
    #expect(model.order?["spec"]?["source"]?["claimUID"] == "c-later")
  }

  @Test func `an order that cannot be read is somebody's business`() {
    var model = ClusterModel.scheduled
    model.order!["spec"]!["nodeName"] = "No Node"
    model.settle()
    #expect(running(model)?["reason"] == "CopyOrderInvalid")
    #expect(model.order?["metadata"]?["deletionTimestamp"] == nil)
  }

  @Test func `a copier that does not take the order, or falls silent, is named`() throws {
    var model = ClusterModel.scheduled
    #expect(model.plan.wakeAfter == ControlTiming.silence)
    model.pass(ControlTiming.silence)
    model.settle()
    #expect(running(model)?["reason"] == "CopierSilent" && model.phase == "CloneScheduled")
    model.report(.copying)
    model.settle()
    #expect(running(model)?["status"] == "True")
    model.pass(ControlTiming.silence)
    model.settle()
    #expect(running(model)?["reason"] == "CopierSilent" && model.phase == "CloneInProgress")
    #expect(model.events.filter { $0.reason == "CopierSilent" }.count == 2)
  }

  @Test func `what the copier waits for is told`() {
    var model = ClusterModel.scheduled
    model.report(.waiting) { ($0.reason, $0.message) = ("CloneSourceInUse", "open by qemu (pid 7)") }
    model.settle()
    #expect(running(model)?["message"] == "open by qemu (pid 7)" && model.phase == "CloneScheduled")
    #expect(model.events.last == CloneEvent(warning: "CloneSourceInUse", "open by qemu (pid 7)"))
  }
}

extension CloneEvent {
  init(warning reason: String, _ message: String) {
    self.init(isWarning: true, reason: reason, message: message)
  }
}
