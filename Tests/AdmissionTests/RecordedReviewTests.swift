import Admission
import Foundation
import JSON
import Testing

/// Every review that a real API server sent, against a policy that lets everybody clone and against one that
/// lets nobody.
@Suite struct RecordedReviewTests {
  static let names = World.names(in: World.recordings)

  private static let everybody = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: [create]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: everybody}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: datavolume-cloner}
    subjects:
    - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: system:authenticated}
    - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: system:unauthenticated}
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: my-favorite-vm-disk, namespace: source-namespace}
    spec:
      accessModes: [ReadWriteOnce]
      volumeMode: Block
      resources: {requests: {storage: 1Gi}}
    ---
    apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata:
      name: fast
      annotations: {storageclass.kubernetes.io/is-default-class: "true"}
    """

  @Test func `the recordings are there`() { #expect(Self.names.count >= 260) }

  @Test(arguments: names)
  func `a recorded review gets a well-formed answer`(name: String) throws {
    let body = try World.bytes(World.recordings.appending(path: name))
    let review = try World.json(World.recordings.appending(path: name))
    for judge in [try World.judge(), try World.judge(Self.everybody)] {
      for judgement in [judge.mutate(body), judge.validate(body)] {
        let answer = try Answer(judgement)
        #expect(judgement.status == 200)
        #expect(answer.kind == "AdmissionReview")
        #expect(answer.apiVersion == review["apiVersion"]?.string)
        #expect(answer.uid == review["request"]?["uid"]?.string)
        #expect(answer.allowed == judgement.decision.allowed)
        #expect(answer.auditAnnotations["rule"] == judgement.decision.rule.rawValue)
        #expect(answer.hasPatchMember == (answer.patchType == "JSONPatch" && answer.patch?.isEmpty == false))
        #expect(answer.warnings.allSatisfy { $0.count <= 256 })
        if answer.allowed == false {
          #expect(!answer.message.isEmpty)
          #expect([400, 403, 422].contains(answer.code))
        }
        if review["request"]?["operation"]?.string == "DELETE" { #expect(answer.allowed == true) }
        if review["request"]?["dryRun"]?.bool == true { #expect(judgement.accepted.isEmpty) }
      }
    }
  }

  @Test(arguments: names)
  func `mutating twice changes nothing the second time`(name: String) throws {
    let body = try World.bytes(World.recordings.appending(path: name))
    var settings = AdmissionSettings()
    settings.preallocation = true
    let judge = try World.judge(Self.everybody, settings: settings)
    let first = try Answer(judge.mutate(body))
    let patched = try ReferencePatch.apply(first.patch, toReview: body)
    let second = try Answer(judge.mutate(patched))
    #expect(second.allowed == first.allowed)
    #expect(!second.hasPatchMember, "\(second.patch ?? [])")
    #expect(second.judgement.decision.rule == first.judgement.decision.rule)
  }

  /// One step of the patch per field, and nothing that was there is touched.
  @Test(arguments: names)
  func `a patch only adds where nothing was`(name: String) throws {
    let body = try World.bytes(World.recordings.appending(path: name))
    let review = try World.json(World.recordings.appending(path: name))
    let object = review["request"]?["object"] ?? .null
    for step in try Answer(World.judge(Self.everybody).mutate(body)).patch ?? [] {
      #expect(step["op"] as? String == "add")
      let path = (step["path"] as? String ?? "").split(separator: "/").map(String.init)
      let before = path.reduce(object as JSONValue?) { node, key in
        node?.array.flatMap { list in Int(key).map { list[$0] } } ?? node?[key]
      }
      #expect(before == nil || before == .null || before == .string(""), "\(step)")
    }
  }
}
