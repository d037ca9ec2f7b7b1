import Chance
import Authorization
import JSON
import Testing

@Suite struct PolicyTests {
  @Test(arguments: Fixtures.sets)
  func `every recorded verdict of an API server is ours too`(set: String) throws {
    let (policy, problems) = Policy.build(from: try Fixtures.objects(of: set))
    #expect(problems.allSatisfy { $0.severity == .idle }, "stored objects are valid")
    let verdicts = try Fixtures.verdicts(of: set)
    #expect(verdicts.count == 72)
    for recorded in verdicts {
      let verdict = policy.decide(recorded.attributes)
      let question = recorded.attributes.question
      #expect(
        verdict.allowed == recorded.allowed, "\(recorded.attributes.user) \(question): \(verdict.reason)")
      #expect((verdict.binding != nil) == verdict.allowed)
    }
  }

  @Test(arguments: Fixtures.sets)
  func `the order of the objects changes no verdict and no reason`(set: String) throws {
    let objects = try Fixtures.objects(of: set)
    let policy = Policy.build(from: objects).policy
    var generator = Dice(seed: UInt64(set)!)
    let shuffled = Policy.build(from: objects.shuffled(using: &generator)).policy
    for recorded in try Fixtures.verdicts(of: set) {
      let (a, b) = (policy.decide(recorded.attributes), shuffled.decide(recorded.attributes))
      #expect(a.allowed == b.allowed && a.binding == b.binding && a.reason == b.reason)
    }
  }

  @Test(arguments: Fixtures.sets)
  func `adding a binding takes nothing away, and removing one gives nothing`(set: String) throws {
    let objects = try Fixtures.objects(of: set)
    let verdicts = try Fixtures.verdicts(of: set)
    let roles = objects.filter { $0["roleRef"] == nil }
    let bindings = objects.filter { $0["roleRef"] != nil }
    var allowed = Set<Int>()
    for count in 0...bindings.count {
      let policy = Policy.build(from: roles + bindings.prefix(count)).policy
      let now = Set(verdicts.indices.filter { policy.decide(verdicts[$0].attributes).allowed })
      #expect(allowed.isSubset(of: now))
      allowed = now
    }
  }

  @Test func `a verdict names the binding, its role, the subject and the rule`() {
    let policy = Policy.build(from: [
      Sample.cloner,
      Sample.binding("allow", namespace: "source", to: Sample.user("bob"), Sample.group("devs")),
    ]).policy
    let verdict = policy.decide(Sample.clone())
    let grant = Grant(
      kind: "RoleBinding", namespace: "source", name: "allow", roleKind: "ClusterRole",
      roleName: "datavolume-cloner", subject: .group("devs"), ruleIndex: 0)
    #expect(verdict.binding == grant)
    #expect(
      verdict.reason
        == #"allowed by RoleBinding "source/allow" (rule 0 of ClusterRole "datavolume-cloner") to Group devs"#
    )
  }

  @Test func `a denial says who asked for what and where`() {
    let reason = Policy.empty.decide(Sample.clone()).reason
    #expect(reason.hasPrefix("no binding lets User alice create datavolumes/source (cdi.kubevirt.io) "))
    #expect(reason.hasSuffix(#""disk" in namespace "source""#))
  }

  @Test func `a member of system masters may do everything, as before any RBAC in an API server`() {
    let admin = UserInfo(name: "x", groups: ["system:masters"])
    let verdict = Policy.empty.decide(Sample.clone(admin))
    #expect(verdict.allowed && verdict.binding == nil)
    #expect(verdict.reason == "User x is in group system:masters, which may do everything")
    #expect(!Policy.empty.decide(Sample.clone(UserInfo(name: "system:masters"))).allowed)
  }

  @Test func `a ServiceAccount carries its user name and three groups`() {
    let account = UserInfo.serviceAccount(namespace: "a", name: "b")
    #expect(account.name == "system:serviceaccount:a:b")
    #expect(account.groups == ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"])
    #expect(account.serviceAccountName! == ("a", "b"))
    #expect(UserInfo(name: "system:serviceaccount:a").serviceAccountName == nil)
  }

  @Test func `names that only look the same are different users`() {
    let composed = "caf\u{e9}"
    let decomposed = "cafe\u{301}"
    #expect(composed == decomposed, "Swift takes them for equal, Kubernetes does not")
    let policy = Policy.build(from: [
      Sample.cloner, Sample.binding("allow", namespace: "source", to: Sample.user(composed)),
    ]).policy
    #expect(policy.decide(Sample.clone(UserInfo(name: composed))).allowed)
    #expect(!policy.decide(Sample.clone(UserInfo(name: decomposed))).allowed)
  }

  @Test func `a role of thousands of disks and thousands of roles of one disk grant exactly those disks`() {
    let disks = (0..<3000).map { "disk-\($0)" }
    let all = Sample.role("Role", "all", namespace: "many", names: disks)
    let single = disks.map { Sample.role("Role", $0, namespace: "each", names: [$0]) }
    let bindings =
      [Sample.binding("all", namespace: "many", role: "Role", "all", to: Sample.user("alice"))]
      + disks.map { Sample.binding($0, namespace: "each", role: "Role", $0, to: Sample.user("alice")) }
    let policy = Policy.build(from: [all] + single + bindings).policy
    for namespace in ["many", "each"] {
      #expect(policy.decide(Sample.clone(from: namespace, disk: "disk-2999")).allowed)
      #expect(!policy.decide(Sample.clone(from: namespace, disk: "disk-3000")).allowed)
      #expect(!policy.decide(Sample.clone(from: namespace, disk: "")).allowed)
    }
    #expect(policy.decide(Sample.clone(from: "each", disk: "disk-7")).binding?.name == "disk-7")
  }
}
