package import JSON

extension Policy {
  /// Joins the RBAC objects among `objects` into a policy; objects of other API groups are passed over.
  ///
  /// Left out, with a problem that says so: an object that an API server would refuse, one without a name,
  /// and any object that occurs twice with different content, since nobody can tell which one is meant.
  ///
  /// Goes through `objects` once and keeps none of them: a lazy sequence need not hold all of them at a time.
  package static func build(
    from objects: some Sequence<JSONNode>
  ) -> (policy: Policy, problems: [Problem]) {
    var builder = PolicyBuilder()
    for object in objects where RBACObject.concerns(object) { builder.add(object) }
    return builder.finish()
  }
}

private struct PolicyBuilder {
  private var objects: [Identity: RBACObject] = [:]
  private var ambiguous: Set<Identity> = []
  private var problems: [Problem] = []

  mutating func add(_ node: JSONNode) {
    do {
      let object = try RBACObject.read(node)
      let fields = RBACValidation.problems(of: object)
      let identity = object.identity
      guard fields.isEmpty else { return refuse(identity, fields) }
      guard !identity.name.isEmpty else {
        return refuse(
          identity, [.required("metadata.name", "an object in force has a name, not generateName")])
      }
      if let known = objects[identity], known != object { ambiguous.insert(identity) }
      objects[identity] = object
    } catch {
      refuse(Identity(unreadable: node), [error])
    }
  }

  private mutating func refuse(_ identity: Identity, _ fields: [FieldProblem]) {
    let message = RBACValidation.message(kind: identity.kind, name: identity.name.text, problems: fields)
    problems.append(
      Problem(.refused, identity, fields: fields, "\(message); it is left out until it is corrected"))
  }

  mutating func finish() -> (policy: Policy, problems: [Problem]) {
    for identity in ambiguous {
      objects[identity] = nil
      problems.append(
        Problem(
          .refused, identity,
          "\(identity.description) is there more than once with different content; "
            + "all are left out until one is removed"
        ))
    }
    var roles: [Role] = []
    var bindings: [Binding] = []
    for identity in objects.keys.sorted() {
      switch objects[identity] {
      case .role(let role)?: roles.append(role)
      case .binding(let binding)?: bindings.append(binding)
      case nil: break
      }
    }
    // The policy needs the room: the old one lives until this one is there.
    objects = [:]
    noteIdle(roles, bindings)
    problems.sort {
      ($0.kind, $0.namespace, $0.name, $0.message) < ($1.kind, $1.namespace, $1.name, $1.message)
    }
    return (Policy(roles: roles, bindings: bindings, problems: problems), problems)
  }

  private mutating func noteIdle(_ roles: [Role], _ bindings: [Binding]) {
    let known = Set(roles.map(\.identity))
    for binding in bindings where !known.contains(binding.roleIdentity) {
      let role = binding.roleIdentity.description
      problems.append(
        Problem(
          .idle, binding.identity, "\(binding.identity.description) grants nothing: \(role) does not exist"))
    }
    for role in roles where role.selectors != nil && role.rules.isEmpty {
      problems.append(
        Problem(
          .idle, role.identity,
          "\(role.identity.description) grants nothing: it is aggregated and its rules have not been filled "
            + "in; take it from a cluster, or write its rules"))
    }
  }
}

extension Binding {
  /// The role it refers to.
  var roleIdentity: Identity {
    Identity(
      kind: role.kind, namespace: role.kind == "Role" ? identity.namespace : "", name: role.name,
      generateName: "")
  }

  func subject(at position: Int) -> Subject { subjects[position] }
}

extension Identity {
  /// As much as can be told of an object that cannot be read.
  fileprivate init(unreadable node: JSONNode) {
    self.init(
      kind: node["kind"]?.string ?? "object",
      namespace: ExactText(node["metadata"]?["namespace"]?.string ?? ""),
      name: ExactText(node["metadata"]?["name"]?.string ?? ""), generateName: "")
  }
}
