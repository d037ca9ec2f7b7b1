import Authorization
import Fuzzing
import JSON

extension FuzzTarget {
  /// An array of RBAC objects. Their order changes no verdict, and leaving one away never widens what the
  /// others allow. (The way from YAML to here is fuzzed in HallTests.)
  static let rbac = FuzzTarget(
    name: "rbac", isJSON: true,
    words: [
      "\"*\"", "\"kind\":\"Role\"", "\"kind\":\"ClusterRole\"", "\"kind\":\"RoleBinding\"",
      "\"resourceNames\":[]", "\"apiGroups\":[\"\"]",
      "\"subjects\":null", "\"nonResourceURLs\":[\"/metrics/*\"]", "\"verbs\":[\"create\"]",
      "\"namespace\":\"source-namespace\"",
      "\"aggregationRule\":{\"clusterRoleSelectors\":[{\"matchLabels\":{}}]}", "system:masters",
      "system:serviceaccount:a:b",
    ]
  ) { bytes in
    guard let elements = (try? JSONDocument(parsing: bytes))?.root.elements else { return "no array" }
    let problems = elements.flatMap { RBACValidation.problems(of: $0) }
    let (policy, left) = Policy.build(from: elements)
    let verdicts = policy.answers(questions)
    try BrokenRule.check(
      Policy.build(from: elements.reversed()).policy.answers(questions) == verdicts,
      "the order of objects changes a verdict")
    // An object that is there twice with different content is left out until one is removed: that may widen,
    // and is meant to.
    guard Set(elements.map(identity)).count == elements.count else { return "repeated \(verdicts)" }
    for gone in elements.indices.prefix(8) {
      let fewer = Policy.build(from: elements.indices.filter { $0 != gone }.map { elements[$0] }).policy
      let widened = zip(fewer.answers(questions), verdicts).contains { $0 && !$1 }
      try BrokenRule.check(!widened, "without object \(gone) something is allowed that was not")
    }
    return "\(Set(problems.map(\.reason)).sorted()) \(left.count) \(verdicts)"
  }

  private static func identity(_ node: JSONNode) -> [String] {
    [node["kind"], node["metadata"]?["namespace"], node["metadata"]?["name"]].map { $0?.string ?? "" }
  }

  private static let questions: [Attributes] = [
    UserInfo(name: "alice", groups: ["devs", "system:authenticated"]), UserInfo(name: ""),
    .serviceAccount(namespace: "destination-namespace", name: "default"),
    .serviceAccount(namespace: "a", name: "b"),
  ].flatMap { user in
    [
      Attributes(
        user: user, verb: "create", group: "cdi.kubevirt.io", resource: "datavolumes", subresource: "source",
        namespace: "source-namespace", name: "my-favorite-vm-disk"),
      Attributes(user: user, verb: "get", resource: "pods", namespace: "", name: ""),
      Attributes(user: user, verb: "get", path: "/metrics/x"),
    ]
  }
}

extension Policy {
  fileprivate func answers(_ questions: [Attributes]) -> [Bool] { questions.map { decide($0).allowed } }
}
