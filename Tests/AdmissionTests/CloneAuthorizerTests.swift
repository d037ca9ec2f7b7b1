import Admission
import Authorization
import JSON
import Testing

@Suite struct CloneAuthorizerTests {
  private let alice = UserInfo(name: "alice", groups: ["devs", "system:authenticated"])
  private let source = CloneSource(namespace: "source", name: "disk")

  private static let cloner = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: ["*"]}]
    ---
    """

  private func authorizer(_ yaml: String, _ settings: AdmissionSettings = .init()) throws -> CloneAuthorizer {
    CloneAuthorizer(policy: Policy.build(from: try World.objects(yaml)).policy, settings: settings)
  }

  private func binding(_ role: String, _ subject: String) -> String {
    """

    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: b, namespace: source}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: \(role)}
    subjects: [\(subject)]
    ---
    """
  }

  private let toAlice = "{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}"
  private let toDefault = "{kind: ServiceAccount, name: default, namespace: target}"

  @Test func `a grant to the requester allows, and the binding is named`() throws {
    let verdict = try authorizer(Self.cloner + binding("datavolume-cloner", toAlice))
      .decide(requester: alice, targetNamespace: "target", source: source)
    #expect(verdict.allowed)
    #expect(verdict.rule == .granted)
    #expect(verdict.by?.name == "b")
    #expect(verdict.asked.count == 1)
    #expect(verdict.remedy.isEmpty)
  }

  @Test func `the target namespace's default account speaks for a datavolume unless the operator says no`()
    throws
  {
    let objects = Self.cloner + binding("datavolume-cloner", toDefault)
    let lenient = try authorizer(objects).decide(requester: alice, targetNamespace: "target", source: source)
    #expect(lenient.rule == .granted)
    let strict = try authorizer(objects, AdmissionSettings(subjectRule: .requester))
      .decide(requester: alice, targetNamespace: "target", source: source)
    #expect(!strict.allowed)
    #expect(strict.by == nil)
    #expect(!strict.reason.contains("target/default"))
    let elsewhere = try authorizer(objects).decide(requester: alice, targetNamespace: "other", source: source)
    #expect(!elsewhere.allowed)
  }

  @Test func `a machine's account is the only one asked`() throws {
    let objects = Self.cloner + binding("datavolume-cloner", toDefault)
    let verdict = try authorizer(objects)
      .decide(serviceAccount: "builder", targetNamespace: "target", source: source)
    #expect(!verdict.allowed)
    #expect(verdict.identities.map(\.name) == ["system:serviceaccount:target:builder"])
    #expect(
      try authorizer(objects).decide(serviceAccount: "default", targetNamespace: "target", source: source)
        .allowed)
  }

  @Test func `nobody is asked in the same namespace`() throws {
    let verdict = try authorizer("").decide(requester: alice, targetNamespace: "source", source: source)
    #expect(verdict.rule == .sameNamespace)
    #expect(verdict.asked.isEmpty)
  }

  @Test func `creating pods is as good, unless that is switched off`() throws {
    let objects =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: pods}
      rules: [{apiGroups: [""], resources: [pods], verbs: [create]}]
      ---
      """ + binding("pods", toAlice)
    let verdict = try authorizer(objects).decide(requester: alice, targetNamespace: "target", source: source)
    #expect(verdict.rule == .implicitGrant)
    #expect(verdict.reason.contains("create pods"))
    let strict = try authorizer(objects, AdmissionSettings(implicitPodGrant: false))
      .decide(requester: alice, targetNamespace: "target", source: source)
    #expect(!strict.allowed)
    #expect(strict.asked.allSatisfy { $0.attributes.resource == "datavolumes" })
  }

  @Test(arguments: [
    ("[pods]", false), ("[persistentvolumeclaims]", false), ("[pods, persistentvolumeclaims]", true),
  ])
  func `a snapshot needs pods and claims`(resources: String, allowed: Bool) throws {
    let objects =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: r}
      rules: [{apiGroups: [""], resources: \(resources), verbs: [create]}]
      ---
      """ + binding("r", toAlice)
    let snapshot = CloneSource(kind: .snapshot, namespace: "source", name: "s")
    let verdict = try authorizer(objects).decide(
      requester: alice, targetNamespace: "target", source: snapshot)
    #expect(verdict.allowed == allowed)
  }

  @Test func `a single disk can be granted by name`() throws {
    let objects =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: gold}
      rules:
      - apiGroups: [cdi.kubevirt.io]
        resources: [datavolumes/source]
        resourceNames: [gold]
        verbs: [create]
      ---
      """ + binding("gold", toAlice)
    let gold = CloneSource(namespace: "source", name: "gold")
    #expect(try authorizer(objects).decide(requester: alice, targetNamespace: "target", source: gold).allowed)
    #expect(
      try !authorizer(objects).decide(requester: alice, targetNamespace: "target", source: source).allowed)
  }

  /// Swift's `==` holds these two for equal, Kubernetes does not.
  @Test func `a namespace that only looks the same is another one`() throws {
    let composed = CloneSource(namespace: "caf\u{e9}", name: "disk")
    let verdict = try authorizer("")
      .decide(requester: alice, targetNamespace: "cafe\u{301}", source: composed)
    #expect(!verdict.allowed)
  }
}
