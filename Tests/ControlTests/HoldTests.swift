import Admission
import Control
import JSON
import Testing

/// Every row that holds a clone back: the phase, the reason, and words that people need.
@Suite struct HoldTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let reason: String
    var phase = "Pending"
    /// From a clone that is scheduled, instead of one that is new.
    var isScheduled = false
    var words: [String] = []
    let change: @Sendable (inout ClusterModel) -> Void
    var testDescription: String { "\(reason) \(words)" }
  }

  private static func expect(_ model: ClusterModel, _ row: Row) throws {
    let plan = model.plan
    let status = try #require(plan.status)
    let running = try #require(status["conditions"]?.array?.first { $0["type"] == "Running" })
    #expect(status["phase"]?.string == row.phase)
    #expect(running["reason"]?.string == row.reason && running["status"] == "False")
    let message = running["message"]?.string ?? ""
    for word in row.words { #expect(message.contains(word), "\(message)") }
    #expect(plan.events.filter(\.isWarning).map(\.reason) == [row.reason])
    #expect(status["copy"]?["reason"]?.string == row.reason)
    var after = model
    after.carryOut(plan)
    #expect(after.plan.events.isEmpty, "said twice")
  }

  private static let importer: JSONValue = [
    "controller": true, "kind": "DataVolume", "name": "import", "uid": "dv-2",
  ]

  private static let beforeClaim: [Row] = [
    Row(reason: "CloneNotAccepted", words: ["its code is not"]) {
      $0.acceptance = .refused("its code is not the gate's")
    },
    Row(reason: "CloneNotAccepted", words: ["images/disk", "a/other"]) {
      $0.source = CloneSource(namespace: "a", name: "other")
    },
    Row(reason: "CloneNotAccepted") { $0.source = nil },
    Row(reason: "CloneAcceptanceUnknown", words: ["no key"]) { $0.acceptance = .undecided("no key") },
    Row(reason: "CloneAcceptanceUnknown", words: ["no key"]) {
      ($0.acceptance, $0.sourceClaim) = (.undecided("no key"), nil)
    },
    Row(reason: "CloneAcceptanceUnknown", words: ["no key"]) {
      ($0.acceptance, $0.sourceNamespaceExists) = (.undecided("no key"), false)
    },
    Row(reason: "ErrExceededQuota", words: ["exceeded quota: q"]) {
      $0.trouble = CloneTrouble(reason: "Forbidden", message: "exceeded quota: q")
    },
    Row(reason: "ErrClaimNotValid", words: ["spec.x"]) {
      $0.trouble = CloneTrouble(reason: "Invalid", message: "spec.x is not known")
    },
    Row(reason: "Error", words: ["ask the landlord"]) {
      $0.trouble = CloneTrouble(reason: "not today, sorry", message: "ask the landlord")
    },
    Row(reason: "Error", words: ["no"]) { $0.trouble = CloneTrouble(reason: "", message: "no") },
    Row(reason: "Forbidden") { $0.trouble = CloneTrouble(reason: "Forbidden", message: "not allowed") },
    Row(reason: "SnapshotSourceNotSupported", words: ["images/s"]) {
      let spec: JSONValue = ["source": ["snapshot": ["namespace": "images", "name": "s"]], "pvc": [:]]
      $0.dataVolume = ClusterModel.dataVolume(spec: spec)
      $0.source = CloneSource(kind: .snapshot, namespace: "images", name: "s")
    },
    Row(reason: "CloneWithoutSource", words: ["DataSource"]) {
      let spec: JSONValue = ["sourceRef": ["kind": "DataSource", "name": "os"], "pvc": [:]]
      $0.dataVolume = ClusterModel.dataVolume(spec: spec)
      $0.source = nil
    },
    Row(reason: "CloneWithoutSource", words: ["no namespace images"]) { $0.sourceNamespaceExists = false },
    Row(reason: "CloneWithoutSource", words: ["The source pvc disk doesn't exist"]) { $0.sourceClaim = nil },
    Row(reason: "CloneWithoutSource", words: ["being deleted"]) {
      $0.sourceClaim!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    },
    Row(reason: "CloneWithoutSource", words: ["lost"]) { $0.sourceClaim!["status"]!["phase"] = "Lost" },
    Row(reason: "CloneSourceNotBound", words: ["images/disk"]) {
      $0.sourceClaim = ClusterModel.claim("images", "disk", uid: "c")
    },
    Row(reason: "CloneSourceNotPopulated", words: ["images/disk", "import"]) {
      $0.sourceClaim!["metadata"]!["ownerReferences"] = [importer]
      $0.sourceOwner = [
        "metadata": ["name": "import", "uid": "dv-2"], "status": ["phase": "ImportInProgress"],
      ]
    },
    Row(reason: "CloneSourceNotPopulated", words: ["images/disk", "import", "not there"]) {
      $0.sourceClaim!["metadata"]!["ownerReferences"] = [importer]
    },
    Row(reason: "CloneSourceNotPopulated", words: ["images/disk", "import", "not there"]) {
      $0.sourceClaim!["metadata"]!["ownerReferences"] = [importer]
      $0.sourceOwner = ["metadata": ["name": "import", "uid": "dv-3"], "status": ["phase": "Succeeded"]]
    },
    Row(reason: "CloneSourceNotPopulated", words: ["images/disk", "annotate it k8s.io/CloneOf=true"]) {
      $0.sourceClaim!["metadata"]!["annotations"] = ["cdi.kubevirt.io/createdForDataVolume": "dv-2"]
    },
    Row(reason: "CloneValidationFailed", words: ["(archive)", "(kubevirt)", "do not match"]) {
      $0.sourceClaim!["metadata"]!["annotations"] = ["cdi.kubevirt.io/storage.contentType": "archive"]
    },
    Row(reason: "ArchiveSourceNotSupported", words: ["images/disk", "--copying=cdi"]) {
      $0.dataVolume!["spec"]!["contentType"] = "archive"
      $0.sourceClaim!["metadata"]!["annotations"] = ["cdi.kubevirt.io/storage.contentType": "archive"]
    },
    Row(reason: "CloneValidationFailed", words: ["1073741824", "2147483648"]) {
      $0.sourceClaim = ClusterModel.claim(
        "images", "disk", uid: "c-source", volume: "pv-source", bytes: 2 * ClusterModel.gibibyte)
    },
    Row(reason: "StorageNotLocal", words: ["pv-source", "csi driver x.example", "--copying=cdi"]) {
      $0.sourceVolume!["spec"]!["local"] = nil
      $0.sourceVolume!["spec"]!["csi"] = ["driver": "x.example"]
    },
    Row(reason: "VolumeNotOnOneNode", words: ["pv-source", "nodeAffinity"]) {
      $0.sourceVolume!["spec"]!["nodeAffinity"] = nil
    },
    Row(reason: "ErrClaimNotValid", words: ["access mode"]) {
      $0.dataVolume!["spec"]!["pvc"]!["accessModes"] = nil
    },
    Row(reason: "ErrClaimNotValid", words: ["size"]) { $0.dataVolume!["spec"]!["pvc"]!["resources"] = nil },
    Row(reason: "ErrClaimNotValid", words: ["spec.pvc and spec.storage"]) {
      $0.dataVolume!["spec"]!["pvc"] = nil
      $0.profiles = []
    },
    Row(reason: "ErrResourceExists", words: ["vms/copy", "already exists"]) {
      $0.targetClaim = ClusterModel.claim("vms", "copy", uid: "c", volume: "pv-free", owner: "somebody")
    },
  ]

  @Test(arguments: beforeClaim) func `nothing is made while something is in the way`(row: Row) throws {
    var model = ClusterModel()
    row.change(&model)
    #expect(model.plan.actions.isEmpty)
    try Self.expect(model, row)
  }

  @Test func `nothing is said of a source while nobody knows whether the clone is allowed`() {
    var said: Set<JSONValue> = []
    let worlds: [@Sendable (inout ClusterModel) -> Void] = [
      { _ in }, { $0.sourceClaim = nil }, { $0.sourceNamespaceExists = false },
      { $0.sourceClaim!["status"]!["phase"] = "Lost" },
    ]
    for change in worlds {
      var model = ClusterModel()
      model.acceptance = .undecided("no key")
      change(&model)
      said.insert(model.plan.status ?? .null)
    }
    #expect(said.count == 1)
  }

  private static let afterClaim: [Row] = [
    Row(reason: "ErrResourceMarkedForDeletion", words: ["vms/copy"]) {
      $0.targetClaim!["metadata"]!["deletionTimestamp"] = "2026-11-23T06:00:00Z"
    },
    Row(reason: "StorageNotLocal", words: ["pv-free", "target", "csi driver x.example"]) {
      $0.volumes[0]["spec"]!["local"] = nil
      $0.volumes[0]["spec"]!["csi"] = ["driver": "x.example"]
    },
    Row(reason: "StorageNotLocal", words: ["pv-source", "source", "nfs"]) {
      $0.sourceVolume!["spec"]!["local"] = nil
      $0.sourceVolume!["spec"]!["nfs"] = ["server": "s"]
    },
    Row(reason: "VolumeNotOnOneNode", words: ["pv-free"]) { $0.volumes[0]["spec"]!["nodeAffinity"] = nil },
    Row(reason: "VolumesOnDifferentNodes", words: ["pv-source", "node-a", "pv-free", "node-b"]) {
      $0.volumes[0]["spec"]!["nodeAffinity"] = ClusterModel.affinity("node-b")
    },
    Row(reason: "CloneValidationFailed", words: ["104857600", "1073741824"]) {
      $0.targetClaim!["status"]!["capacity"]!["storage"] = "100Mi"
    },
    Row(reason: "CloneSourceNotBound", words: ["does not name it"]) {
      $0.sourceVolume!["spec"]!["claimRef"]!["uid"] = "another"
    },
    Row(
      reason: "CloneSourceInUse", phase: "CloneScheduled",
      words: ["pod images/vm using PersistentVolumeClaim disk"]
    ) { $0.pods = [PodDisks(namespace: "images", name: "vm", claims: ["disk": true])] },
    Row(
      reason: "CloneSourceInUse", phase: "CloneScheduled",
      words: ["pod images/vm1, images/vm2, images/vm3 and 2 more using PersistentVolumeClaim disk"]
    ) {
      $0.pods = (1...5).reversed().map {
        PodDisks(namespace: "images", name: "vm\($0)", claims: ["disk": true])
      }
    },
    Row(
      reason: "UploadTargetInUse", phase: "CloneScheduled",
      words: ["pod vms/vm using PersistentVolumeClaim copy"]
    ) { $0.pods = [PodDisks(namespace: "vms", name: "vm", claims: ["copy": false])] },
  ]

  @Test(arguments: afterClaim) func `no order is made while something is in the way`(row: Row) throws {
    var model = ClusterModel()
    model.settle()
    model.bindClaims()
    row.change(&model)
    #expect(model.plan.actions.isEmpty)
    try Self.expect(model, row)
  }

  @Test func `a source that is still filled is looked at again, and one that is filled is cloned`() {
    var model = ClusterModel()
    model.sourceClaim!["metadata"]!["ownerReferences"] = [Self.importer]
    #expect(model.plan.wakeAfter == ControlTiming.poll)
    model.sourceOwner = ["metadata": ["name": "import", "uid": "dv-2"], "status": ["phase": "Succeeded"]]
    model.settle()
    #expect(model.targetClaim != nil)
    model = ClusterModel()
    model.sourceClaim!["metadata"]!["ownerReferences"] = [
      ["controller": true, "kind": "VirtualMachine", "name": "vm", "uid": "vm-1"],
      ["kind": "DataVolume", "name": "import", "uid": "dv-2"],
    ]
    model.settle()
    #expect(model.targetClaim != nil, "nobody who fills it controls it")
  }

  @Test func `readers of the source and Pods of other disks are not in the way`() {
    var model = ClusterModel()
    model.settle()
    model.bindClaims()
    model.pods = [
      PodDisks(namespace: "images", name: "reader", claims: ["disk": false, "other": true]),
      PodDisks(namespace: "other", name: "vm", claims: ["disk": true, "copy": true]),
    ]
    model.settle()
    #expect(model.order != nil)
  }

  @Test func `a lost claim fails, and its copy is cancelled`() throws {
    var model = ClusterModel.scheduled
    model.targetClaim!["status"]!["phase"] = "Lost"
    model.settle()
    #expect(model.phase == "Failed" && model.order == nil)
    #expect(model.events.last?.reason == "CloneFailed" && model.events.last?.isWarning == true)
    let bound = model.status?["conditions"]?.array?.first { $0["type"] == "Bound" }
    #expect(bound?["reason"] == "ClaimLost" && bound?["message"] == "Claim Lost")
  }

  @Test func `what is no clone of ours is never touched`() {
    var model = ClusterModel()
    model.dataVolume = ClusterModel.dataVolume(spec: ["source": ["blank": [:]], "pvc": [:]])
    #expect(model.plan == ClonePlan())
    model.dataVolume = ClusterModel.dataVolume(annotations: ["cdi.kubevirt.io/storage.prePopulated": "x"])
    #expect(model.plan == ClonePlan())
  }

  private static func stored(_ model: ClusterModel) -> JSONNode { JSONNode(model.dataVolume ?? [:]) }

  /// What becomes of a clone that was underway when its DataVolume was annotated.
  private static func withdrawn(_ annotation: String, _ model: ClusterModel) -> ClusterModel {
    var model = model
    model.dataVolume!["metadata"]!["annotations"] = [annotation: ""]
    return model
  }

  @Test(arguments: ["cdi.kubevirt.io/storage.prePopulated", "cdi.kubevirt.io/storage.checkStaticVolume"])
  func `a clone that others are to fill says once that nothing is known of it`(annotation: String) throws {
    var model = ClusterModel.scheduled
    model.report(.copying)
    model.carryOut(model.plan)
    #expect(model.phase == "CloneInProgress")
    model = Self.withdrawn(annotation, model)
    let clone = try #require(CloneDataVolume(withdrawn: Self.stored(model)))
    let plan = Control.withdraw(clone, now: model.now)
    #expect(plan.actions.isEmpty && plan.status?["claimName"] == model.status?["claimName"])
    #expect(plan.events.map(\.reason) == ["CloneWithdrawn"] && plan.events.allSatisfy(\.isWarning))
    let conditions = plan.status?["conditions"]?.array ?? []
    #expect(conditions.map { $0["status"] } == ["True", "False", "False"], "it is bound, and that is all")
    model.carryOut(plan)
    #expect(model.phase == "Unknown" && model.status?["copy"] == ["reason": "CloneWithdrawn"])
    #expect(CloneDataVolume(withdrawn: Self.stored(model)) == nil, "said once")
    model.dataVolume!["metadata"]!["annotations"] = [:]
    model.settle()
    #expect(model.phase != "Unknown", "it is a clone again")
  }

  @Test func `what is over, or never was ours, is not withdrawn`() {
    let annotation = "cdi.kubevirt.io/storage.prePopulated"
    var done = ClusterModel.scheduled
    done.report(.succeeded)
    done.settle()
    #expect(done.phase == "Succeeded")
    var foreign = ClusterModel()
    foreign.dataVolume!["status"] = ["phase": "Pending"]
    for model in [done, ClusterModel(), foreign] {
      #expect(CloneDataVolume(withdrawn: Self.stored(Self.withdrawn(annotation, model))) == nil)
    }
    #expect(CloneDataVolume(withdrawn: Self.stored(ClusterModel.scheduled)) == nil, "it is a clone")
  }
}
