package import JSON

/// What an API server refuses in an RBAC object, in its words. Rule source: Kubernetes
/// `pkg/apis/rbac/validation`.
package enum RBACValidation {
  /// Everything wrong with the object; empty means that an API server would store it. An object of another
  /// API group has no problems here.
  package static func problems(of node: JSONNode) -> [FieldProblem] {
    guard RBACObject.concerns(node) else { return [] }
    do {
      return problems(of: try RBACObject.read(node))
    } catch { return [error] }
  }

  /// The same for an update: a binding's `roleRef` may not change.
  package static func problems(of node: JSONNode, replacing old: JSONNode) -> [FieldProblem] {
    let problems = problems(of: node)
    guard case .binding(let new)? = try? RBACObject.read(node),
      case .binding(let old)? = try? RBACObject.read(old),
      new.role != old.role
    else { return problems }
    let value =
      "{\"APIGroup\":\(FieldProblem.quoted(new.role.group)),\"Kind\":\(FieldProblem.quoted(new.role.kind)),"
      + "\"Name\":\(FieldProblem.quoted(new.role.name.text))}"
    return problems + [.invalid("roleRef", value, "cannot change roleRef")]
  }

  /// The message of the Status with which an API server refuses: `Role.rbac.authorization.k8s.io "x" is
  /// invalid: ...`.
  package static func message(kind: String, name: String, problems: [FieldProblem]) -> String {
    if let unreadable = problems.first(where: { $0.reason == "BadRequest" }) {
      return "\(kind) in version \"v1\" cannot be handled as a \(kind): \(unreadable.message)"
    }
    let texts = problems.map { "\($0.field): \($0.message)" }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    return "\(kind).\(RBACObject.group) \(FieldProblem.quoted(name)) is invalid: \(list)"
  }

  static func problems(of object: RBACObject) -> [FieldProblem] {
    switch object {
    case .role(let role): metadataProblems(role.identity) + roleProblems(role)
    case .binding(let binding): metadataProblems(binding.identity) + bindingProblems(binding)
    }
  }

  private static func metadataProblems(_ identity: Identity) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    if identity.name.isEmpty, identity.generateName.isEmpty {
      problems.append(.required("metadata.name", "name or generateName is required"))
    }
    problems += KubernetesName.pathSegmentProblems(identity.name.text)
      .map { .invalid("metadata.name", FieldProblem.quoted(identity.name.text), $0) }
    guard identity.isNamespaced else { return problems }
    if identity.namespace.isEmpty { return problems + [.required("metadata.namespace")] }
    return problems
      + KubernetesName.labelProblems(identity.namespace.text)
      .map { .invalid("metadata.namespace", FieldProblem.quoted(identity.namespace.text), $0) }
  }

  private static func roleProblems(_ role: Role) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    for (index, rule) in role.rules.enumerated() {
      problems += ruleProblems(rule, isNamespaced: role.identity.isNamespaced, "rules[\(index)]")
    }
    guard let selectors = role.selectors else { return problems }
    let field = "aggregationRule.clusterRoleSelectors"
    if selectors.isEmpty {
      problems.append(
        .required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil"))
    }
    for (index, selector) in selectors.enumerated() { problems += selector.problems("\(field)[\(index)]") }
    return problems
  }

  private static func ruleProblems(_ rule: Rule, isNamespaced: Bool, _ field: String) -> [FieldProblem] {
    var problems: [FieldProblem] = []
    if rule.verbs.isEmpty {
      problems.append(.required(field + ".verbs", "verbs must contain at least one value"))
    }
    if !rule.paths.isEmpty { return problems + pathRuleProblems(rule, isNamespaced: isNamespaced, field) }
    if rule.groups.isEmpty {
      problems.append(.required(field + ".apiGroups", "resource rules must supply at least one api group"))
    }
    if rule.resources.isEmpty {
      problems.append(.required(field + ".resources", "resource rules must supply at least one resource"))
    }
    return problems
  }

  private static func pathRuleProblems(_ rule: Rule, isNamespaced: Bool, _ field: String) -> [FieldProblem] {
    let field = field + ".nonResourceURLs"
    let value = "[" + rule.paths.map { FieldProblem.quoted($0.text) }.joined(separator: ",") + "]"
    var problems: [FieldProblem] = []
    if isNamespaced {
      problems.append(.invalid(field, value, "namespaced rules cannot apply to non-resource URLs"))
    }
    if !rule.groups.isEmpty || !rule.resources.isEmpty || !rule.names.isEmpty {
      let detail = "rules cannot apply to both regular resources and non-resource URLs"
      problems.append(.invalid(field, value, detail))
    }
    return problems
  }

  private static func bindingProblems(_ binding: Binding) -> [FieldProblem] {
    let role = binding.role
    var problems: [FieldProblem] = []
    if role.group != RBACObject.group {
      problems.append(.unsupported("roleRef.apiGroup", role.group, [RBACObject.group]))
    }
    let kinds = binding.identity.isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
    if !kinds.contains(role.kind) { problems.append(.unsupported("roleRef.kind", role.kind, kinds)) }
    if role.name.isEmpty { problems.append(.required("roleRef.name")) }
    problems += KubernetesName.pathSegmentProblems(role.name.text)
      .map { .invalid("roleRef.name", FieldProblem.quoted(role.name.text), $0) }
    for (index, entry) in binding.entries.enumerated() {
      problems += entryProblems(entry, isNamespaced: binding.identity.isNamespaced, "subjects[\(index)]")
    }
    return problems
  }

  private static func entryProblems(_ entry: Binding.Entry, isNamespaced: Bool, _ field: String)
    -> [FieldProblem]
  {
    var problems: [FieldProblem] = []
    if entry.name.isEmpty { problems.append(.required(field + ".name")) }
    switch entry.kind {
    case "ServiceAccount":
      if !entry.name.isEmpty {
        problems += KubernetesName.subdomainProblems(entry.name.text)
          .map { .invalid(field + ".name", FieldProblem.quoted(entry.name.text), $0) }
      }
      if !entry.group.isEmpty { problems.append(.unsupported(field + ".apiGroup", entry.group, [""])) }
      if !isNamespaced, entry.namespace.isEmpty { problems.append(.required(field + ".namespace")) }
    case "User", "Group":
      if entry.group != RBACObject.group {
        problems.append(.unsupported(field + ".apiGroup", entry.group, [RBACObject.group]))
      }
    default:
      problems.append(.unsupported(field + ".kind", entry.kind, ["ServiceAccount", "User", "Group"]))
    }
    return problems
  }
}
