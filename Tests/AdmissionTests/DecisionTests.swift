import Admission
import Foundation
import JSON
import Testing

/// What the hall learns from a judgement beside the answer.
@Suite struct DecisionTests {
  private func judgement(_ recording: String, _ yaml: String = "") throws -> Judgement {
    let body = try World.bytes(World.recordings.appending(path: recording + ".json"))
    return try World.judge(yaml).validate(body)
  }

  private static let granted = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: ["*"]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: allow-clone, namespace: source-namespace}
    subjects: [{kind: ServiceAccount, name: default, namespace: destination-namespace}]
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: datavolume-cloner}
    """

  @Test func `a record says who, what, where, and why`() throws {
    let record = try judgement("004-seed-dv-clone-validating", Self.granted).decision
    #expect(record.user == "alice")
    #expect(record.operation == "CREATE")
    #expect(record.kind == "DataVolume")
    #expect(record.namespace == "destination-namespace")
    #expect(record.name == "cloner-datavolume")
    #expect(record.allowed && !record.dryRun)
    #expect(record.rule == .granted)
    #expect(record.reason.contains("RoleBinding \"source-namespace/allow-clone\""))
    #expect(record.uid.count == 36)
  }

  @Test func `a refusal's reason is its message`() throws {
    let judgement = try judgement("004-seed-dv-clone-validating")
    #expect(try judgement.decision.reason == Answer(judgement).message)
  }

  @Test func `an audit annotation names the binding`() throws {
    let answer = try Answer(judgement("004-seed-dv-clone-validating", Self.granted))
    #expect(answer.auditAnnotations["granted-by"]?.contains("source-namespace/allow-clone") == true)
  }

  @Test func `the logs say which disk was copied, whoever allowed it, and none of a refusal`() throws {
    let disk = "PersistentVolumeClaim source-namespace/my-favorite-vm-disk"
    for review in ["004-seed-dv-clone-validating", "008-seed-vm-datavolumetemplate-validating"] {
      let allowed = try judgement(review, Self.granted)
      #expect(allowed.decision.source == disk)
      #expect(try Answer(allowed).auditAnnotations["source"] == disk)
      let refused = try judgement(review)
      #expect(try refused.decision.source.isEmpty && Answer(refused).auditAnnotations["source"] == nil)
    }
  }

  @Test func `an accepted datavolume is stored as it was reviewed`() throws {
    let judgement = try judgement("004-seed-dv-clone-validating", Self.granted)
    let review = try World.json(World.recordings.appending(path: "004-seed-dv-clone-validating.json"))
    #expect(judgement.object == review["request"]?["object"])
    #expect(judgement.accepted.map(\.object) == [judgement.object])
  }

  @Test func `a template is stored as the datavolume that KubeVirt would make`() throws {
    let judgement = try judgement("008-seed-vm-datavolumetemplate-validating", Self.granted)
    let clone = try #require(judgement.accepted.first)
    let uid = judgement.object?["metadata"]?["uid"]?.string ?? ""
    let metadata = clone.object["metadata"]
    #expect(clone.key == "\(uid)/favorite-clone")
    #expect(clone.object["kind"] == "DataVolume")
    #expect(metadata?["name"] == "favorite-clone")
    #expect(metadata?["namespace"] == "destination-namespace")
    #expect(metadata?["labels"]?["kubevirt.io/created-by"]?.string == uid)
    #expect(metadata?["annotations"]?["cdi.kubevirt.io/allowClaimAdoption"] == "true")
    let owner = metadata?["ownerReferences"]?.array?.first
    #expect(owner?["kind"] == "VirtualMachine")
    #expect(owner?["uid"]?.string == uid)
    #expect(owner?["controller"] == true)
    #expect(clone.object["spec"]?["source"]?["pvc"]?["name"] == "my-favorite-vm-disk")
  }

  /// In a cluster CDI fills what is no clone; for a clone there is nothing to say in either.
  @Test(arguments: [("101-dv-upload-validating", 1), ("004-seed-dv-clone-validating", 0)])
  func `a gate that is alone says that nobody fills what is no clone`(review: String, count: Int) throws {
    let body = try World.bytes(World.recordings.appending(path: review + ".json"))
    var settings = AdmissionSettings()
    let words = "spec.source is upload: this gate's worker copies claims only"
    let before = try Answer(World.judge(Self.granted, settings: settings).validate(body)).warnings
    #expect(!before.contains { $0.hasPrefix(words) })
    settings.isAlone = true
    let after = try Answer(World.judge(Self.granted, settings: settings).validate(body)).warnings
    #expect(after.count { $0.hasPrefix(words) } == count && after.count == before.count + count)
  }

  @Test func `a request that starts nothing has nothing to store`() throws {
    for recording in [
      "063-dv-clone-dry-run-validating", "101-dv-upload-validating", "145-dv-delete-validating",
    ] {
      let judgement = try judgement(recording, Self.granted)
      #expect(judgement.accepted.isEmpty)
      #expect(judgement.object == nil)
    }
  }
}
