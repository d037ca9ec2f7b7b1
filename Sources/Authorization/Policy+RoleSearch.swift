/// Questions about roles that nobody need be bound to: what could be bound to give somebody a right?
extension Policy {
  /// ClusterRoles that allow it for every name, and whose rules all stay within that API group: binding one
  /// gives away nothing else. The narrowest first. Looks at every role: ask once per policy, not once per
  /// request.
  package func clusterRoles(
    grantingOnly group: String, verb: String, resource: String, subresource: String
  ) -> [String] {
    let nobody = UserInfo(name: "")
    let question = Question(
      Attributes(user: nobody, verb: verb, group: group, resource: resource, subresource: subresource))
    let fitting = roles.filter { role in
      !role.identity.isNamespaced && role.rules.contains { $0.names.isEmpty && $0.allows(question) }
        && role.rules.allSatisfy { $0.paths.isEmpty && $0.groups.allSatisfy { $0.text == group } }
    }
    return fitting.sorted { ($0.breadth, $0.identity.name) < ($1.breadth, $1.identity.name) }.map(
      \.identity.name.text)
  }

  package func hasClusterRole(named name: String) -> Bool {
    roles.contains { !$0.identity.isNamespaced && $0.identity.name == ExactText(name) }
  }
}

extension Role {
  /// How much it gives: a wildcard counts as more than any list.
  fileprivate var breadth: Int {
    let wildcard = 1000
    return rules.reduce(0) { sum, rule in
      sum + (rule.verbs + rule.resources).reduce(0) { $0 + ($1 == "*" ? wildcard : 1) }
    }
  }
}
