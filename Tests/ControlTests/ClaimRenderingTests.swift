import Admission
import Control
import JSON
import Testing

/// The claim that is made for a clone: names, owner, class, modes and size.
@Suite struct ClaimRenderingTests {
  private func claim(_ model: ClusterModel) throws -> JSONValue {
    let plan = model.plan
    guard case .createClaim(let claim)? = plan.actions.first else {
      throw NoClaim(status: "\(plan.status as Any)")
    }
    return claim
  }
  private struct NoClaim: Error { let status: String }

  @Test func `the claim is the DataVolume's, and goes with it`() throws {
    let claim = try claim(ClusterModel())
    #expect(claim["metadata"]?["name"] == "copy" && claim["metadata"]?["namespace"] == "vms")
    let owner: JSONValue = [
      "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "name": "copy",
      "uid": .string(ClusterModel.uid), "controller": true, "blockOwnerDeletion": true,
    ]
    #expect(claim["metadata"]?["ownerReferences"] == [owner])
  }

  @Test func `labels and annotations are copied, but for words that mean something else on a claim`() throws {
    var model = ClusterModel()
    model.dataVolume = ClusterModel.dataVolume(
      annotations: [
        "note": "kept", "clonegate.dev/accepted": "v1", "cdi.kubevirt.io/storage.clone.token": "t",
        "cdi.kubevirt.io/storage.extended.clone.token": "t", "k8s.io/CloneRequest": "a/b",
        "pv.kubernetes.io/bind-completed": "yes", "volume.kubernetes.io/selected-node": "n",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "cdi.kubevirt.io/storage.populatedFor": "copy", "k8s.io/CloneOf": "true",
        "cdi.kubevirt.io/storage.preallocation": "true",
      ], labels: ["team": "a"])
    let metadata = try claim(model)["metadata"]
    #expect(metadata?["labels"] == ["team": "a"])
    #expect(
      metadata?["annotations"] == [
        "note": "kept", "cdi.kubevirt.io/storage.contentType": "kubevirt",
        "cdi.kubevirt.io/storage.preallocation.requested": "false",
        "cdi.kubevirt.io/createdForDataVolume": .string(ClusterModel.uid),
      ])
  }

  @Test func `spec_pvc is taken as it is`() throws {
    let pvc: JSONValue = [
      "accessModes": ["ReadWriteMany"], "resources": ["requests": ["storage": "3G"]], "future": 1,
    ]
    var model = ClusterModel()
    model.dataVolume!["spec"]!["pvc"] = pvc
    #expect(try claim(model)["spec"] == pvc)
  }

  struct Size: Sendable {
    var asked: String?
    var from = "Filesystem"
    var to: String?
    var sourceBytes = ClusterModel.gibibyte
    var minimum: String?
    let bytes: Int64
  }
  private static let sizes: [Size] = [
    // CDI's numbers at 0.06 (SEMANTICS.md c.3).
    Size(asked: "1Gi", bytes: 1_138_166_334), Size(asked: "10Gi", bytes: 11_381_663_335),
    Size(asked: "1Gi", from: "Block", to: "Block", bytes: 1 << 30),
    Size(bytes: 1_138_166_334), Size(from: "Block", to: "Filesystem", bytes: 1_138_166_334),
    // What the gate fills in for a device has the overhead in it.
    Size(asked: "1138166334", from: "Block", to: "Filesystem", bytes: 1_138_166_334),
    Size(asked: "1Gi", minimum: "4Gi", bytes: 4 << 30),
    Size(asked: "1Gi", minimum: "x", bytes: 1_138_166_334),
  ]

  @Test(arguments: sizes) func `spec_storage is given room for its filesystem`(size: Size) throws {
    var model = ClusterModel()
    model.sourceClaim = ClusterModel.claim(
      "images", "disk", uid: "c-source", volume: "pv-source", mode: size.from, bytes: size.sourceBytes)
    var storage: JSONValue = ["storageClassName": "local"]
    if let asked = size.asked { storage["resources"] = ["requests": ["storage": .string(asked)]] }
    if let mode = size.to { storage["volumeMode"] = .string(mode) }
    let source: JSONValue = ["pvc": ["namespace": "images", "name": "disk"]]
    model.dataVolume = ClusterModel.dataVolume(spec: ["source": source, "storage": storage])
    if let minimum = size.minimum {
      let annotations: JSONValue = ["cdi.kubevirt.io/minimumSupportedPvcSize": .string(minimum)]
      model.profiles = [["metadata": ["name": "local", "annotations": annotations]]]
    }
    let spec = try claim(model)["spec"]
    let request = try #require(spec?["resources"]?["requests"]?["storage"]?.string)
    #expect(try Quantity(request).value == size.bytes)
    #expect(spec?["volumeMode"]?.string == size.to ?? size.from)
    #expect(spec?["accessModes"] == ["ReadWriteOnce"] && spec?["storageClassName"] == "local")
  }

  @Test func `spec_storage takes the virtualization class and what its profile offers`() throws {
    var model = ClusterModel()
    let source: JSONValue = ["pvc": ["namespace": "images", "name": "disk"]]
    model.dataVolume = ClusterModel.dataVolume(spec: ["source": source, "storage": [:]])
    let mark: JSONValue = ["storageclass.kubevirt.io/is-default-virt-class": "true"]
    model.storageClasses.append(["metadata": ["name": "virt", "annotations": mark]])
    let offers: JSONValue = [["accessModes": ["ReadWriteMany"], "volumeMode": "Filesystem"]]
    model.profiles = [["metadata": ["name": "virt"], "status": ["claimPropertySets": offers]]]
    let spec = try claim(model)["spec"]
    #expect(spec?["storageClassName"] == "virt" && spec?["accessModes"] == ["ReadWriteMany"])
  }
}
