import Admission
import Authorization
import JSON
import Testing

@testable import Kubernetes

@testable import clonegate

@Suite struct `The mirror of a cluster` {
  private func kept(_ resource: MirroredResource, _ object: JSONValue) throws -> JSONValue {
    try JSONValue(parsing: #require(resource.kept(of: JSONNode(object))))
  }

  @Test func `an object keeps what is read of it, and gets the kind that a list leaves out`() throws {
    let claim: JSONValue = [
      "metadata": [
        "name": "disk", "namespace": "a", "managedFields": [["manager": "kubectl"]],
        "annotations": ["other": "x", "cdi.kubevirt.io/storage.populatedFor": "dv"],
      ],
      "spec": ["volumeName": "pv", "resources": ["requests": ["storage": "1Gi", "other": "1"]]],
      "status": ["phase": "Bound", "capacity": ["storage": "2Gi"]],
    ]
    let expected: JSONValue = [
      "metadata": [
        "annotations": ["cdi.kubevirt.io/storage.populatedFor": "dv"], "name": "disk", "namespace": "a",
      ],
      "spec": ["resources": ["requests": ["storage": "1Gi"]], "volumeName": "pv"],
      "status": ["capacity": ["storage": "2Gi"]],
      "apiVersion": "v1", "kind": "PersistentVolumeClaim",
    ]
    #expect(try kept(.claims, claim) == expected)
  }

  @Test func `a binding and its role grant from the mirror what they grant as they are`() throws {
    let role: JSONValue = [
      "metadata": ["name": "cloner", "labels": ["a": "b"]],
      "rules": [
        ["apiGroups": ["cdi.kubevirt.io"], "resources": ["datavolumes/source"], "verbs": ["create"]]
      ],
    ]
    let binding: JSONValue = [
      "metadata": ["name": "b", "namespace": "source", "uid": "1"],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cloner"],
      "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"]],
    ]
    let nodes = [try kept(.clusterRoles, role), try kept(.roleBindings, binding)].map { JSONNode($0) }
    let (policy, problems) = Policy.build(from: nodes)
    #expect(problems.isEmpty)
    let question = Attributes(
      user: UserInfo(name: "alice"), verb: "create", group: "cdi.kubevirt.io", resource: "datavolumes",
      subresource: "source", namespace: "source", name: "disk")
    #expect(policy.decide(question).allowed)
  }

  private func pod(phase: String = "Running", readOnly: Bool = false) -> JSONValue {
    [
      "metadata": ["name": "vm", "namespace": "a", "resourceVersion": "1", "labels": ["a": "b"]],
      "spec": [
        "nodeName": "n",
        "containers": [["name": "c", "image": "i", "volumeMounts": [["name": "v"], ["name": "e"]]]],
        "volumes": [
          ["name": "v", "persistentVolumeClaim": ["claimName": "disk", "readOnly": .bool(readOnly)]],
          ["name": "e", "emptyDir": [:]],
        ],
      ],
      "status": ["phase": .string(phase)],
    ]
  }

  @Test func `of a Pod only the claims that it writes to are kept, and of most nothing`() throws {
    let disks = PodDisks(JSONNode(try kept(.pods, pod())))
    #expect(disks == PodDisks(namespace: "a", name: "vm", claims: ["disk": true]))
    #expect(MirroredResource.pods.kept(of: JSONNode(pod(phase: "Succeeded"))) == nil)
    #expect(MirroredResource.pods.kept(of: JSONNode(pod(readOnly: true))) == nil)
    #expect(MirroredResource.pods.kept(of: JSONNode(pod()))!.count < 256)
  }

  @Test func `a Pod that is over goes, and one whose disks stay the same is no change`() throws {
    let tables = MirrorTables()
    func observed(_ pod: JSONValue) throws -> ObservedObject<[UInt8]?> {
      try ObservedObject(JSONNode(pod)) { MirroredResource.pods.kept(of: $0) }
    }
    tables.apply(.replaced([try observed(pod(readOnly: true))]), to: .pods)
    #expect(tables.count(of: .pods) == 0)
    tables.apply(.added(try observed(pod(phase: "Pending"))), to: .pods)
    let before = tables.revisions
    tables.apply(.modified(try observed(pod())), to: .pods)
    #expect(tables.revisions == before && tables.count(of: .pods) == 1)
    tables.apply(.modified(try observed(pod(phase: "Failed"))), to: .pods)
    #expect(tables.revisions != before && tables.count(of: .pods) == 0)
    #expect(tables.revisions.inventory == before.inventory)
  }

  /// A role that were left out would be a right that nobody has.
  @Test func `an object of more values than a request may have is mirrored`() throws {
    let many = JSONValue.array(Array(repeating: 0, count: JSONLimits.defaultMaxValues + 1))
    let role: JSONValue = ["metadata": ["name": "large", "namespace": "a", "uid": "u"], "rules": many]
    let tables = MirrorTables()
    let seen = try ObservedObject(JSONNode(role)) { MirroredResource.roles.kept(of: $0) }
    tables.apply(.added(seen), to: .roles)
    #expect(tables.nodes(of: [.roles]).map { $0["metadata"]?["name"]?.string } == ["large"])
  }

  @Test func `a gate that may not see Pods is ready, and says that warnings may miss them`() {
    let refused = KubernetesError(.forbidden, code: 403, message: "no")
    let check = ReadinessCheck.mirror([state(.pods, lists: 0, age: nil, refused)], isJudging: true)
    #expect(check.problem == nil)
    #expect(check.note == "pods: not listed yet; \(refused); warnings of Pods may be missing or old")
    #expect(!MirroredResource.inventory.contains(.pods) && !MirroredResource.policy.contains(.pods))
  }

  private func state(
    _ resource: MirroredResource, lists: Int = 1, age: Duration?, unwatched: Duration? = nil,
    _ failure: KubernetesError? = nil
  ) -> MirrorState {
    var standing = ReflectorStanding()
    if let failure { standing.failed(failure) }
    return MirrorState(
      resource: resource, lists: lists, age: age, unwatched: unwatched, isMissing: standing.isMissing,
      lastFailure: failure)
  }

  private let missing = KubernetesError(.notFound, code: 404, message: "no such thing")

  @Test func `what was never listed or is too old cannot be believed`() {
    #expect(state(.roles, age: .seconds(119)).problem == nil)
    let old = state(.roles, age: .seconds(121)).problem
    #expect(old == "roles.rbac.authorization.k8s.io: nothing heard for 121 s, which is over 120 s")
    #expect(state(.claims, lists: 0, age: nil).problem == "persistentvolumeclaims: not listed yet")
    #expect(state(.claims, lists: 0, age: nil).isWhole == false)
  }

  @Test func `a broken watch is believed for moments, and the gate stays ready`() {
    let cut = KubernetesError(.unreachable, message: "connection refused")
    #expect(state(.roles, age: .seconds(119)).isCurrent)
    #expect(state(.roles, age: .seconds(4), unwatched: .seconds(4), cut).isCurrent)
    let broken = state(.roles, age: .seconds(6), unwatched: .seconds(6), cut)
    #expect(!broken.isCurrent && broken.problem == nil)
    let check = ReadinessCheck.mirror([broken], isJudging: true)
    let note = "roles.rbac.authorization.k8s.io: not watched for 6 s; \(cut)"
    #expect(check.problem == nil && check.note == note)
    let old = state(.roles, age: .seconds(121), unwatched: .seconds(31), cut)
    #expect(!old.isCurrent && old.note == nil && old.problem?.contains("nothing heard") == true)
    #expect(!state(.roles, lists: 0, age: nil, cut).isCurrent)
  }

  @Test func `a CRD that is not installed means that there are none`() {
    let absent = state(.dataSources, lists: 0, age: nil, missing)
    #expect(absent.isWhole && absent.problem == nil)
    #expect(
      ReadinessCheck.mirror([absent], isJudging: true).note == "not installed: datasources.cdi.kubevirt.io")
    // Built-in resources are always there: a 404 is a proxy or a wrong address.
    let strange = state(.claims, lists: 0, age: nil, missing)
    #expect(!strange.isWhole && strange.problem?.contains("no such thing") == true)
    let refused = state(
      .dataSources, lists: 0, age: nil, KubernetesError(.forbidden, code: 403, message: "no"))
    #expect(!refused.isWhole && refused.problem != nil)
  }

  @Test func `readiness names each mirror that cannot be believed`() {
    let check = ReadinessCheck.mirror(
      [
        state(.roles, age: .seconds(1)), state(.roleBindings, lists: 0, age: nil), state(.claims, age: nil),
      ], isJudging: true)
    #expect(ReadinessCheck.mirror([state(.roles, age: .seconds(1))], isJudging: false).problem != nil)
    #expect(check.name == "policy")
    let expected =
      "rolebindings.rbac.authorization.k8s.io: not listed yet; persistentvolumeclaims: not listed yet"
    #expect(check.problem == expected)
  }
}
