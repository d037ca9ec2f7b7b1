import Control
import JSON
import Testing

/// Classes that wait for a Pod before they bind.
@Suite struct BindingTests {
  private static let immediate: JSONValue = ["cdi.kubevirt.io/storage.bind.immediate.requested": ""]

  /// The claim is made, and its class waits.
  private func waiting(immediate: Bool = false) -> ClusterModel {
    var model = ClusterModel()
    model.storageClasses = [ClusterModel.storageClass(waits: true)]
    if immediate { model.dataVolume = ClusterModel.dataVolume(annotations: Self.immediate) }
    model.carryOut(model.plan)
    return model
  }

  @Test func `a class that waits for a Pod is waited for`() {
    var model = waiting()
    model.settle()
    #expect(model.phase == "WaitForFirstConsumer")
    #expect(!model.events.contains { $0.isWarning })
    model.targetClaim!["metadata"]!["annotations"] = ["volume.kubernetes.io/selected-node": "node-a"]
    model.settle()
    #expect(model.phase == "Pending", "a Pod has come")
  }

  @Test func `a claim that is to be bound at once takes the smallest volume that fits beside the source`() {
    var model = waiting(immediate: true)
    model.volumes = [
      ClusterModel.volume("pv-large", bytes: 3 << 30), ClusterModel.volume("pv-b", bytes: 2 << 30),
      ClusterModel.volume("pv-a", bytes: 2 << 30), ClusterModel.volume("pv-small", bytes: 1 << 20),
      ClusterModel.volume("pv-far", node: "node-b"), ClusterModel.volume("pv-block", mode: "Block"),
      ClusterModel.volume("pv-taken", for: ("x", "y", "z")), ClusterModel.volume("pv-where", node: nil),
    ]
    model.settle()
    let bound = model.volumes.filter { $0["spec"]?["claimRef"]?["name"] == "copy" }
    #expect(bound.compactMap { $0["metadata"]?["name"]?.string } == ["pv-a"])
    #expect(bound.first?["spec"]?["claimRef"]?["uid"] == model.targetClaim?["metadata"]?["uid"])
    model.bindClaims()
    model.settle()
    #expect(model.phase == "CloneScheduled")
  }

  @Test func `the annotation counts on the claim too`() {
    var model = waiting()
    model.targetClaim!["metadata"]!["annotations"] = Self.immediate
    model.settle()
    #expect(model.volumes[0]["spec"]?["claimRef"]?["name"] == "copy")
  }

  @Test(arguments: ["storageClassName", "accessModes", "phase"])
  func `a volume that is not free or not of the kind is left alone`(field: String) {
    var model = waiting(immediate: true)
    switch field {
    case "phase": model.volumes[0]["status"]!["phase"] = "Released"
    case "accessModes": model.volumes[0]["spec"]![field] = ["ReadOnlyMany"]
    default: model.volumes[0]["spec"]![field] = "other"
    }
    model.settle()
    let running = model.status?["conditions"]?.array?.first { $0["type"] == "Running" }
    #expect(model.volumes[0]["spec"]?["claimRef"] == nil)
    #expect(running?["reason"] == "NoVolumeToBind")
    #expect(running?["message"]?.string?.contains("1073741824 bytes") == true)
  }

  @Test func `a volume kept for an earlier claim of the same name is not ours`() {
    var model = waiting(immediate: true)
    model.volumes = [
      ClusterModel.volume("pv-earlier", for: ("vms", "copy", "c-earlier")), ClusterModel.volume("pv-free"),
    ]
    model.settle()
    #expect(model.volumes[1]["spec"]?["claimRef"]?["name"] == "copy")
  }

  @Test func `labels are chosen by hand`() {
    var model = waiting(immediate: true)
    model.targetClaim!["spec"]!["selector"] = ["matchLabels": ["a": "b"]]
    #expect(model.plan.actions.isEmpty)
  }
}
