import Authorization
import JSON
import Testing

@Suite struct ExplanationTests {
  private func explain(_ objects: [JSONNode], _ attributes: Attributes = Sample.clone()) -> Explanation {
    Policy.build(from: objects).policy.explain(attributes)
  }

  private func misses(_ objects: JSONNode...) -> [String] { explain(objects).nearMisses.map(\.sentence) }

  @Test(arguments: Fixtures.sets)
  func `an explanation agrees with the verdict`(set: String) throws {
    let policy = Policy.build(from: try Fixtures.objects(of: set)).policy
    for recorded in try Fixtures.verdicts(of: set) {
      let explanation = policy.explain(recorded.attributes)
      #expect(explanation.grants.isEmpty != recorded.allowed)
      #expect(explanation.nearMisses.isEmpty || !recorded.allowed)
      if let grant = explanation.verdict.binding { #expect(explanation.grants.contains(grant)) }
    }
  }

  @Test func `every grant that allows is listed`() {
    let explanation = explain([
      Sample.cloner, Sample.binding("b", namespace: "source", to: Sample.user("alice")),
      Sample.binding("a", namespace: "source", to: Sample.user("bob"), Sample.group("devs")),
      Sample.binding("elsewhere", namespace: "other", to: Sample.user("alice")),
      Sample.binding("all", to: Sample.group("system:authenticated")),
    ])
    #expect(explanation.grants.map(\.name) == ["all", "a", "b"])
  }

  @Test func `a grant to others is named with them`() {
    #expect(
      misses(Sample.cloner, Sample.binding("x", namespace: "source", to: Sample.account("a", "b")))
        == ["RoleBinding \"source/x\" grants it to ServiceAccount a/b, not to User alice"])
  }

  @Test func `a grant in another namespace is named with it`() {
    #expect(
      misses(Sample.cloner, Sample.binding("x", namespace: "z", to: Sample.user("alice")))
        == [
          "RoleBinding \"z/x\" gives it to User alice in namespace \"z\" only",
          "ClusterRole \"datavolume-cloner\" would allow it, but it is bound in namespace \"z\" only",
        ])
  }

  @Test func `a role that nobody is bound to is named`() {
    #expect(
      misses(Sample.cloner) == ["ClusterRole \"datavolume-cloner\" would allow it, but nothing binds it"])
  }

  @Test func `a missing role is named`() {
    #expect(
      misses(Sample.binding("x", namespace: "source", to: Sample.user("alice")))
        == ["RoleBinding \"source/x\" names User alice, but ClusterRole \"datavolume-cloner\" does not exist"]
    )
  }

  @Test func `a subject in another case is pointed out`() {
    let sentence = misses(Sample.cloner, Sample.binding("x", namespace: "source", to: Sample.group("Devs")))[
      0]
    #expect(sentence.hasPrefix("RoleBinding \"source/x\" grants it to Group Devs, which is not User alice: "))
  }

  @Test(arguments: [
    (
      Sample.role("ClusterRole", "datavolume-cloner", names: ["gold", "iron"]), "which names only gold, iron"
    ),
    (Sample.role("ClusterRole", "datavolume-cloner", verbs: ["get"]), "which allows only get, not create"),
    (
      Sample.role("ClusterRole", "datavolume-cloner", resources: ["datavolumes"]),
      "which covers datavolumes, not datavolumes/source"
    ),
    (
      Sample.role("ClusterRole", "datavolume-cloner", groups: [""]),
      "which is for API group \"\", not \"cdi.kubevirt.io\""
    ),
  ])
  func `a role that is wrong in one field is named with the field`(role: JSONNode, difference: String) {
    let mine = "RoleBinding \"source/x\" gives User alice ClusterRole \"datavolume-cloner\""
    let binding = Sample.binding("x", namespace: "source", to: Sample.user("alice"))
    #expect(misses(role, binding).first == "\(mine), \(difference)")
  }

  @Test func `a refused binding of the namespace comes first`() {
    let broken = Sample.binding("broken", namespace: "source", to: ["kind": "user", "name": "alice"])
    let other = Sample.binding("x", namespace: "source", to: Sample.user("bob"))
    let kinds = explain([Sample.cloner, other, broken]).nearMisses.map(\.kind)
    #expect(kinds == [.refusedObject, .otherSubject])
  }

  @Test func `a reader is told of five near misses, not of thousands`() {
    let bindings = (0..<50).map {
      Sample.binding("b\($0)", namespace: "source", to: Sample.user("user\($0)"))
    }
    #expect(explain([Sample.cloner] + bindings).nearMisses.count == 5)
  }
}
