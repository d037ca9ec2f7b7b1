import Control
import JSON
import Testing

/// A clone from its creation to its end, as the objects show it.
@Suite struct CloneCourseTests {
  @Test func `a clone goes from nothing to Succeeded`() throws {
    var model = ClusterModel()
    #expect(model.plan.beginsWork)
    model.settle()
    #expect(model.phase == "Pending" && model.targetClaim != nil)
    model.bindClaims()
    model.settle()
    #expect(model.phase == "CloneScheduled" && model.order?["spec"]?["nodeName"] == "node-a")
    model.report(.copying) { ($0.bytesTotal, $0.bytesDone, $0.bytesPerSecond) = (1000, 123, 10) }
    model.settle()
    #expect(model.phase == "CloneInProgress" && model.status?["progress"] == "12.30%")
    model.report(.verifying) { ($0.bytesTotal, $0.bytesDone) = (1000, 1000) }
    model.settle()
    #expect(model.phase == "CloneInProgress" && model.status?["progress"] == "99.99%")
    model.report(.succeeded) { ($0.bytesTotal, $0.bytesDone, $0.digest) = (1000, 1000, "tree-sha256:1") }
    #expect(!model.plan.beginsWork)
    model.carryOut(model.plan)
    #expect(model.phase == "Succeeded" && model.status?["progress"] == "100.0%")
    #expect(model.order?["metadata"]?["deletionTimestamp"] == nil, "the end is written before the order goes")
    model.settle()
    #expect(model.order?["metadata"]?["deletionTimestamp"] != nil)
    model.releaseOrder()
    #expect(model.plan == ClonePlan(), "nothing more is ever done")
    #expect(
      model.events.map(\.reason) == [
        "Pending", "Bound", "CloneScheduled", "CloneInProgress", "CloneSucceeded",
      ])
    #expect(!model.events.contains { $0.isWarning })
    #expect(model.events.last?.message == "Successfully cloned from images/disk into vms/copy")
    let copy = try #require(model.status?["copy"])
    #expect(copy["bytes"] == "0.98KiB/0.98KiB" && copy["digest"] == "tree-sha256:1" && copy["reason"] == nil)
  }

  /// The claim's marks of a finished copy.
  private static func marks(_ model: ClusterModel) -> [JSONValue?] {
    let annotations = model.targetClaim?["metadata"]?["annotations"]
    return [annotations?["k8s.io/CloneOf"], annotations?["cdi.kubevirt.io/storage.preallocation"]]
  }

  @Test func `a claim that was filled says so, and whether its blocks are allocated`() {
    let none = JSONValue?.none
    for (achieved, mark) in [("off", none), ("unknown", none), ("unwritten", "true"), ("full", "true")] {
      var model = ClusterModel.scheduled
      #expect(Self.marks(model) == [nil, nil], "not before")
      model.report(.succeeded) { $0.preallocation = .init(requested: "full", achieved: achieved) }
      let plan = model.plan
      #expect(!plan.beginsWork && plan.actions.count == 1)
      model.carryOut(plan)
      #expect(Self.marks(model) == ["true", mark] && model.phase == "Succeeded", "\(achieved)")
    }
  }

  /// Whatever the word is that it is refused with.
  @Test(arguments: ["Forbidden", "Invalid", "BadRequest", "InternalError", "Conflict"])
  func `a copy is no success before its claim is marked`(reason: String) throws {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.trouble = CloneTrouble(reason: reason, message: "no patch")
    model.carryOut(model.plan)
    #expect(model.phase == "CloneInProgress" && Self.marks(model) == [nil, nil] && model.order != nil)
    let running = model.status?["conditions"]?.array?.first { $0["type"] == "Running" }
    #expect(running?["status"] == "False" && running?["message"]?.string?.contains("no patch") == true)
    #expect(model.plan.wakeAfter == ControlTiming.poll)
    model.trouble = nil
    model.settle()
    #expect(model.phase == "Succeeded" && Self.marks(model).first == "true")
  }

  @Test func `another claim of the name is not marked`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    let plan = model.plan
    model.targetClaim!["metadata"]!["uid"] = "another"
    model.carryOut(plan)
    #expect(model.phase != "Succeeded" && Self.marks(model) == [nil, nil])
  }
}
