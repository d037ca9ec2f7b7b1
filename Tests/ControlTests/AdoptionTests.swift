import Admission
import Control
import JSON
import Testing

/// A claim of the DataVolume's name that was there before: taken over as it is where the gate said so, and
/// else left alone.
@Suite struct AdoptionTests {
  private static let allowed: JSONValue = ["cdi.kubevirt.io/allowClaimAdoption": "true"]
  private static let populated: JSONValue = ["cdi.kubevirt.io/storage.populatedFor": "copy"]

  /// A claim that nobody controls, bound.
  private static func claim(_ annotations: JSONValue = [:], owner: String? = nil) -> JSONValue {
    ClusterModel.claim("vms", "copy", uid: "c-old", volume: "pv-old", owner: owner, annotations: annotations)
  }

  /// Annotations of a claim that was made for an earlier DataVolume.
  private static func made(_ marks: JSONValue = [:]) -> JSONValue {
    var annotations = marks
    annotations["cdi.kubevirt.io/createdForDataVolume"] = "dv-earlier"
    return annotations
  }

  private static func reason(_ model: ClusterModel) -> String? {
    model.status?["conditions"]?.array?.first { $0["type"] == "Running" }?["reason"]?.string
  }

  struct Row: Sendable {
    let name: String
    let isAdopted: Bool
    let change: @Sendable (inout ClusterModel) -> Void
  }

  private static let rows: [Row] = [
    Row(name: "allowed by annotation", isAdopted: true) {
      ($0.dataVolume, $0.targetClaim) = (ClusterModel.dataVolume(annotations: allowed), claim())
    },
    Row(name: "allowed by the operator", isAdopted: true) {
      ($0.settings.admission.claimAdoption, $0.targetClaim) = (true, claim())
    },
    Row(name: "populated for it", isAdopted: true) { $0.targetClaim = claim(populated) },
    Row(name: "not accepted, but nothing is read", isAdopted: true) {
      ($0.acceptance, $0.source, $0.targetClaim) = (.refused("no stamp"), nil, claim(populated))
    },
    Row(name: "nothing said", isAdopted: false) { $0.targetClaim = claim() },
    Row(name: "populated for another", isAdopted: false) {
      $0.targetClaim = claim(["cdi.kubevirt.io/storage.populatedFor": "other"])
    },
    Row(name: "forbidden by annotation", isAdopted: false) {
      $0.settings.admission.claimAdoption = true
      $0.dataVolume = ClusterModel.dataVolume(annotations: ["cdi.kubevirt.io/allowClaimAdoption": "yes"])
      $0.targetClaim = claim()
    },
    Row(name: "made for this very DataVolume", isAdopted: false) {
      $0.dataVolume = ClusterModel.dataVolume(annotations: allowed)
      $0.targetClaim = claim(["cdi.kubevirt.io/createdForDataVolume": .string(ClusterModel.uid)])
    },
    Row(name: "made for an earlier DataVolume, and never filled", isAdopted: false) {
      $0.dataVolume = ClusterModel.dataVolume(annotations: allowed)
      $0.targetClaim = claim(made())
    },
    Row(name: "made for an earlier DataVolume, and copied by us", isAdopted: true) {
      $0.dataVolume = ClusterModel.dataVolume(annotations: allowed)
      $0.targetClaim = claim(made(["k8s.io/CloneOf": "true"]))
    },
    Row(name: "made for an earlier DataVolume, and filled by CDI", isAdopted: true) {
      $0.settings.admission.claimAdoption = true
      $0.targetClaim = claim(made(["cdi.kubevirt.io/storage.pod.phase": "Succeeded"]))
    },
    Row(name: "made for an earlier DataVolume, and still being filled by CDI", isAdopted: false) {
      $0.settings.admission.claimAdoption = true
      $0.targetClaim = claim(made(["cdi.kubevirt.io/storage.pod.phase": "Running"]))
    },
    Row(name: "another DataVolume's", isAdopted: false) {
      $0.dataVolume = ClusterModel.dataVolume(annotations: allowed)
      $0.targetClaim = claim(populated, owner: "dv-other")
    },
    Row(name: "another controller's", isAdopted: false) {
      $0.dataVolume = ClusterModel.dataVolume(annotations: allowed)
      $0.targetClaim = claim(populated)
      $0.targetClaim!["metadata"]!["ownerReferences"] = [
        ["controller": true, "kind": "StatefulSet", "name": "db", "uid": "s-1"]
      ]
    },
  ]

  @Test(arguments: rows) func `a claim is adopted when the gate said so, and never filled`(row: Row) throws {
    var model = ClusterModel()
    row.change(&model)
    let before = model.targetClaim
    model.settle()
    #expect(model.order == nil && model.targetClaim == before, "\(row.name)")
    guard row.isAdopted else {
      let reason = Self.reason(model)
      #expect(model.phase == "Pending" && reason == "ErrResourceExists", "\(row.name): \(model)")
      return
    }
    #expect(model.phase == "Succeeded" && model.status?["claimName"] == "copy", "\(row.name): \(model)")
    #expect(model.status?["progress"] == "100.0%" && model.status?["copy"] == nil)
    #expect(model.events.map(\.reason) == ["Bound", "ClaimAdopted"])
    #expect(!model.events.contains { $0.isWarning })
    #expect(model.plan == ClonePlan(), "nothing more is ever done")
  }

  /// KubeVirt allows adoption on every DataVolume that it makes from a template.
  @Test func `a claim that was made for it is filled, whatever it says`() {
    var model = ClusterModel()
    model.dataVolume = ClusterModel.dataVolume(annotations: Self.allowed)
    model.settle()
    model.targetClaim!["metadata"]!["annotations"]!["cdi.kubevirt.io/storage.populatedFor"] = "copy"
    model.bindClaims()
    model.settle()
    #expect(model.phase == "CloneScheduled" && model.order != nil)
  }

  @Test func `an adopted claim that is not bound is waited for, and one that is lost fails`() {
    var model = ClusterModel()
    model.targetClaim = Self.claim(Self.populated)
    model.targetClaim!["status"] = ["phase": "Pending"]
    model.settle()
    #expect(model.phase == "Pending")
    model.storageClasses = [ClusterModel.storageClass(waits: true)]
    model.settle()
    #expect(model.phase == "WaitForFirstConsumer" && model.order == nil)
    model.targetClaim!["status"] = ["phase": "Lost"]
    model.settle()
    #expect(model.phase == "Failed" && Self.reason(model) == "ErrClaimLost")
  }

  @Test func `one that goes is not adopted, and a copy that runs is let go first`() {
    var model = ClusterModel()
    model.targetClaim = Self.claim(Self.populated)
    model.targetClaim!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    model.settle()
    #expect(model.phase == "Pending" && Self.reason(model) == "ErrResourceMarkedForDeletion")
    model = ClusterModel.scheduled
    model.report(.copying)
    model.targetClaim = Self.claim(Self.populated)
    model.settle()
    #expect(model.phase == "CloneScheduled" && model.order?["metadata"]?["deletionTimestamp"] != nil)
    model.releaseOrder()
    model.settle()
    #expect(model.phase == "Succeeded")
  }

  /// As CDI says of it, where there is no CDI.
  @Test func `a DataVolume for a claim that was filled before is done when the claim says so`() throws {
    let pre: JSONValue = ["cdi.kubevirt.io/storage.prePopulated": "copy"]
    func plan(_ dataVolume: JSONValue, _ claim: JSONValue?) -> ClonePlan? {
      Control.prePopulated(JSONNode(dataVolume), claim: claim.map { JSONNode($0) }, now: ClusterModel.start)?
        .plan
    }
    let dataVolume = ClusterModel.dataVolume(annotations: pre)
    let done = try #require(plan(dataVolume, Self.claim(Self.populated)))
    #expect(done.actions.isEmpty && done.events.map(\.reason) == ["ClaimAdopted"])
    #expect(done.status?["phase"] == "Succeeded" && done.status?["claimName"] == "copy")
    #expect(done.status?["conditions"]?.array?.map { $0["status"] } == ["True", "False", "True"])
    #expect(plan(dataVolume, Self.claim(Self.populated, owner: ClusterModel.uid)) != nil, "its own")

    var said = dataVolume
    said["status"] = done.status
    #expect(plan(said, Self.claim(Self.populated)) == nil, "it was said")
    #expect(plan(ClusterModel.dataVolume(), Self.claim(Self.populated)) == nil, "an ordinary clone")
    #expect(plan(dataVolume, nil) == nil && plan(dataVolume, Self.claim()) == nil)
    #expect(plan(dataVolume, Self.claim(Self.populated, owner: "dv-other")) == nil, "another's")
    var pending = Self.claim(Self.populated)
    pending["status"] = ["phase": "Pending"]
    #expect(plan(dataVolume, pending) == nil, "not bound")
  }
}
