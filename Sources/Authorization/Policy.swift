/// Everything that RBAC grants at one moment, ready to be asked. A value: share it, swap it whole, never
/// change it.
///
/// A decision looks up the namespace once, then the user and each of its groups, and compares only the roles
/// bound to those; so its cost grows with the asker's own roles and groups, not with the number of bindings.
package struct Policy: Sendable {
  /// Valid objects in the order of their kind, namespace and name: the same policy whatever order they came
  /// in.
  let roles: [Role]
  let bindings: [Binding]
  /// The role of each binding, as an index into `roles`; nil when it does not exist.
  let roleOfBinding: [Int?]
  let problems: [Problem]
  private let everywhere: Scope
  private let namespaces: [ExactText: Scope]

  /// A policy that grants nothing but what `system:masters` always has.
  package static let empty = Policy(roles: [], bindings: [], problems: [])

  init(roles: [Role], bindings: [Binding], problems: [Problem]) {
    let index = Dictionary(uniqueKeysWithValues: roles.enumerated().map { ($1.identity, $0) })
    let classes = Policy.classes(of: roles)
    var everywhere = Scope()
    var namespaces: [ExactText: Scope] = [:]
    var roleOfBinding: [Int?] = []
    for (number, binding) in bindings.enumerated() {
      let role = index[binding.roleIdentity]
      roleOfBinding.append(role)
      guard let role else { continue }
      for (position, subject) in binding.subjects.enumerated() {
        let candidate = Candidate(role: role, binding: number, subject: position)
        if binding.identity.isNamespaced {
          namespaces[binding.identity.namespace, default: Scope()]
            .add(candidate, to: subject, of: roles[role], class: classes[role])
        } else {
          everywhere.add(candidate, to: subject, of: roles[role], class: classes[role])
        }
      }
    }
    self.roles = roles
    self.bindings = bindings
    self.roleOfBinding = roleOfBinding
    self.problems = problems
    self.everywhere = everywhere
    self.namespaces = namespaces
  }

  /// How many roles and bindings are in force, for the log.
  package var size: (roles: Int, bindings: Int) { (roles.count, bindings.count) }

  /// Whether RBAC allows it. Pure; allocates nothing that grows with the policy.
  package func decide(_ attributes: Attributes) -> Verdict {
    let user = attributes.user
    if user.groups.contains(where: { ExactText($0) == ExactText(UserInfo.superuserGroup) }) {
      return Verdict(allowed: true, binding: nil, attributes: attributes)
    }
    let question = Question(attributes)
    let grant = grant(in: everywhere, question, user) ?? namespacedGrant(attributes, question)
    return Verdict(allowed: grant != nil, binding: grant, attributes: attributes)
  }

  private func namespacedGrant(_ attributes: Attributes, _ question: Question) -> Grant? {
    // Kubernetes asks RoleBindings only about resources in a namespace.
    guard attributes.path == nil, !attributes.namespace.isEmpty,
      let scope = namespaces[ExactText(attributes.namespace)]
    else { return nil }
    return grant(in: scope, question, attributes.user)
  }

  private func grant(in scope: Scope, _ question: Question, _ user: UserInfo) -> Grant? {
    if let holding = scope.users[ExactText(user.name)], let grant = grant(in: holding, question) {
      return grant
    }
    for group in user.groups {
      if let holding = scope.groups[ExactText(group)], let grant = grant(in: holding, question) {
        return grant
      }
    }
    return nil
  }

  private func grant(in holding: Holding, _ question: Question) -> Grant? {
    for candidate in holding.broad {
      if let rule = roles[candidate.role].firstRule(question) { return grant(candidate, rule: rule) }
    }
    for candidate in holding.byName[question.name] ?? [] {
      if let rule = roles[candidate.role].firstRule(question) { return grant(candidate, rule: rule) }
    }
    return nil
  }

  func grant(_ candidate: Candidate, rule: Int) -> Grant {
    let binding = bindings[candidate.binding]
    return Grant(
      kind: binding.identity.kind, namespace: binding.identity.namespace.text,
      name: binding.identity.name.text,
      roleKind: binding.role.kind, roleName: binding.role.name.text,
      subject: binding.subject(at: candidate.subject), ruleIndex: rule)
  }

  /// Roles with the same rules are of one class: of many bindings that give a subject the same, one is
  /// enough.
  private static func classes(of roles: [Role]) -> [Int] {
    var known: [[Rule]: Int] = [:]
    return roles.map { role in
      let number = known[role.rules] ?? known.count
      known[role.rules] = number
      return number
    }
  }
}

extension Role {
  /// The first rule that allows it.
  func firstRule(_ question: Question) -> Int? { rules.firstIndex { $0.allows(question) } }
}
