import Admission
import Authorization
import JSON
import Testing

/// A refusal prints commands. Here they are obeyed, by building what kubectl would, and the question is
/// asked again.
@Suite struct RemedyTests {
  private let source = CloneSource(namespace: "source", name: "disk")

  static let people = [
    UserInfo(name: "alice", groups: ["system:authenticated"]),
    UserInfo.serviceAccount(namespace: "team-a", name: "builder"),
    UserInfo(name: "https://issuer.example.com/realms/vms#carol@example.com"),
    UserInfo(name: "用户%2F名 ü+%zz"), UserInfo(name: "o'brien \"bob\" $HOME `id`"),
    UserInfo(name: "a\nb\u{1b}[31m"),
    // To Swift a quote with an accent is another character, to a shell it is a quote.
    UserInfo(name: "o'\u{301}; false #"), UserInfo(name: "bob\u{202e}nimda"),
    UserInfo(name: "system:serviceaccount:broken"), UserInfo(name: String(repeating: "x", count: 300)),
  ]

  static let policies = [
    "",
    role("datavolume-cloner", "[cdi.kubevirt.io]", "[datavolumes/source]"),
    role("other-cloner", "[cdi.kubevirt.io]", "['*']"),
    // Exists, and grants something else: another name has to be found.
    role("datavolume-cloner", "['']", "[pods]"),
    // Would do, but gives away the cluster.
    role("cluster-admin", "['*']", "['*']"),
  ]

  private static func role(_ name: String, _ groups: String, _ resources: String) -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: \(name)}
    rules: [{apiGroups: \(groups), resources: \(resources), verbs: ["*"]}]
    """
  }

  private func decide(_ objects: [JSONNode], _ user: UserInfo) -> CloneVerdict {
    CloneAuthorizer(policy: Policy.build(from: objects).policy, settings: AdmissionSettings())
      .decide(requester: user, targetNamespace: "target", source: source)
  }

  @Test(arguments: people, policies)
  func `obeying the remedy allows the clone`(user: UserInfo, policy: String) throws {
    let objects = try World.objects(policy)
    let denied = decide(objects, user)
    #expect(!denied.allowed)
    let made = try denied.remedy.map { try Kubectl.object(made: $0) }
    #expect(made.count == (policy.contains("[cdi.kubevirt.io]") ? 1 : 2))
    #expect(!denied.remedy.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e })
    let existing = objects.map { $0["metadata"]?["name"]?.string }
    for role in made where role["kind"] == "ClusterRole" {
      #expect(!existing.contains(role["metadata"]?["name"]?.string), "create would fail: the role exists")
    }
    let allowed = decide(objects + made.map { JSONNode($0) }, user)
    #expect(allowed.allowed, "\(denied.remedy)")
    #expect(allowed.by?.kind == "RoleBinding")
    #expect(allowed.by?.namespace == "source")
  }

  @Test(arguments: people)
  func `the narrow remedy allows this disk and no other`(user: UserInfo) throws {
    let made = try decide([], user).remedyForOneDisk.map { JSONNode(try Kubectl.object(made: $0)) }
    #expect(made.count == 2)
    #expect(decide(made, user).allowed)
    let other = CloneAuthorizer(policy: Policy.build(from: made).policy, settings: AdmissionSettings())
      .decide(
        requester: user, targetNamespace: "target", source: CloneSource(namespace: "source", name: "other"))
    #expect(!other.allowed)
  }

  @Test func `nobody is told to grant to everybody`() {
    let verdict = decide([], UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"]))
    #expect(verdict.remedy.last?.contains("--serviceaccount=target:default") == true)
    let strict = CloneAuthorizer(policy: .empty, settings: AdmissionSettings(subjectRule: .requester))
    #expect(
      strict.decide(requester: UserInfo(name: ""), targetNamespace: "t", source: source).remedy.isEmpty)
  }

  @Test func `a namespace that cannot exist has no remedy`() {
    let verdict = CloneAuthorizer(policy: .empty, settings: AdmissionSettings())
      .decide(
        requester: Self.people[0], targetNamespace: "target",
        source: CloneSource(namespace: "x; rm -rf /", name: "disk"))
    #expect(!verdict.allowed)
    #expect(verdict.remedy.isEmpty)
  }

  @Test func `two people get two bindings`() {
    let names = Self.people.map { decide([], $0).remedy.last?.split(separator: " ")[3] }
    #expect(Set(names).count == names.count)
  }
}
