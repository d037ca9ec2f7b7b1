/// The policy's answer. Making one allocates nothing for the reason: the sentence is written when it is read.
package struct Verdict: Sendable {
  package let allowed: Bool
  /// What the answer rests on. Nil for a denial, and for a member of `system:masters`, whom no binding is
  /// needed for.
  package let binding: Grant?
  package let attributes: Attributes

  /// One sentence without a full stop, for logs and for people.
  package var reason: String {
    if let binding { return "allowed by \(binding.description)" }
    if allowed {
      return "\(attributes.user.description) is in group \(UserInfo.superuserGroup), which may do everything"
    }
    return "no binding lets \(attributes.user.description) \(attributes.question)"
  }
}

/// The chain from a binding to a rule through which a subject gets something.
package struct Grant: Sendable, Hashable {
  /// `RoleBinding` or `ClusterRoleBinding`.
  package let kind: String
  /// Empty for a ClusterRoleBinding.
  package let namespace: String
  package let name: String
  package let roleKind: String
  package let roleName: String
  package let subject: Subject
  /// Position of the rule in the role's `rules`, from 0.
  package let ruleIndex: Int

  package init(
    kind: String, namespace: String, name: String, roleKind: String, roleName: String, subject: Subject,
    ruleIndex: Int
  ) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.roleKind = roleKind
    self.roleName = roleName
    self.subject = subject
    self.ruleIndex = ruleIndex
  }

  /// `RoleBinding "a/b" (rule 0 of ClusterRole "c") to ServiceAccount d/e`.
  package var description: String {
    let place = namespace.isEmpty ? name : "\(namespace)/\(name)"
    return "\(kind) \"\(place)\" (rule \(ruleIndex) of \(roleKind) \"\(roleName)\") to \(subject.description)"
  }
}
