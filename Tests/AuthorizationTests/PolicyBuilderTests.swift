import Authorization
import JSON
import Testing

/// A broken, doubled or dangling object never widens access.
@Suite struct PolicyBuilderTests {
  @Test func `a refused object is left out, named, and takes nothing else with it`() {
    let broken = Sample.binding(
      "broken", namespace: "source", to: ["kind": "Robot", "name": "alice"], Sample.user("alice"))
    let good = Sample.binding("good", namespace: "other", to: Sample.user("alice"))
    let (policy, problems) = Policy.build(from: [broken, good, Sample.cloner])
    #expect(!policy.decide(Sample.clone()).allowed)
    #expect(policy.decide(Sample.clone(from: "other")).allowed)
    #expect(problems.map(\.name) == ["broken"])
    #expect(problems[0].severity == .refused)
    #expect(problems[0].fields.map(\.field) == ["subjects[0].kind"])
    #expect(
      problems[0].message.hasPrefix(
        "RoleBinding.rbac.authorization.k8s.io \"broken\" is invalid: subjects[0].kind:"))
  }

  @Test func `a binding to a missing role grants nothing and is reported as idle`() {
    let (policy, problems) = Policy.build(from: [
      Sample.binding("dangling", namespace: "source", role: "Role", to: Sample.user("alice")), Sample.cloner,
    ])
    #expect(!policy.decide(Sample.clone()).allowed)
    #expect(problems.map(\.severity) == [.idle])
    #expect(
      problems[0].message
        == "RoleBinding \"source/dangling\" grants nothing: Role \"source/datavolume-cloner\" does not exist")
  }

  @Test func `of an object that is there twice with different content nothing counts`() {
    let narrow = Sample.role("ClusterRole", "datavolume-cloner", names: ["other"])
    let binding = Sample.binding("allow", namespace: "source", to: Sample.user("alice"))
    let (policy, problems) = Policy.build(from: [narrow, Sample.cloner, binding])
    #expect(!policy.decide(Sample.clone()).allowed)
    #expect(problems.first?.message.contains("more than once") == true)
    let same = Policy.build(from: [Sample.cloner, Sample.cloner, binding])
    #expect(same.policy.decide(Sample.clone()).allowed)
    #expect(same.problems.isEmpty)
  }

  @Test func `objects of other API groups are none of the policy's business`() {
    let other = JSONNode(["apiVersion": "v1", "kind": "Role", "metadata": ["name": 5]])
    let (policy, problems) = Policy.build(from: [other, JSONNode(.null), JSONNode("text")])
    #expect(policy.size == (0, 0))
    #expect(problems.isEmpty)
  }

  @Test func `an RBAC object of another version or kind is refused, not guessed at`() {
    let old = JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1beta1", "kind": "Role", "metadata": ["name": "a"],
    ])
    let strange = JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Rule", "metadata": ["name": "b"],
    ])
    let problems = Policy.build(from: [old, strange]).problems
    #expect(problems.map { $0.fields.map(\.field) } == [["apiVersion"], ["kind"]])
  }

  @Test func `a role binding without a namespace binds nowhere`() {
    let binding = JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": ["name": "x"],
      "roleRef": ["kind": "ClusterRole", "name": "datavolume-cloner"], "subjects": [Sample.user("alice")],
    ])
    let (policy, problems) = Policy.build(from: [Sample.cloner, binding])
    #expect(!policy.decide(Sample.clone()).allowed && !policy.decide(Sample.clone(from: "")).allowed)
    #expect(problems[0].fields.map(\.field) == ["metadata.namespace"])
  }

  @Test func `an aggregated role that nobody filled in grants nothing, and says so`() {
    let role = JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
      "metadata": ["name": "datavolume-cloner"],
      "aggregationRule": ["clusterRoleSelectors": [["matchLabels": ["a": "b"]]]],
    ])
    let binding = Sample.binding("allow", namespace: "source", to: Sample.user("alice"))
    let (policy, problems) = Policy.build(from: [role, binding])
    #expect(!policy.decide(Sample.clone()).allowed)
    #expect(problems.map(\.severity) == [.idle])
  }
}
