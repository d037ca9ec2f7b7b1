internal import JSON

/// One of the four RBAC objects, read from its JSON and not yet validated.
enum RBACObject: Sendable, Hashable {
  case role(Role)
  case binding(Binding)

  static let group = "rbac.authorization.k8s.io"
  static let apiVersion = group + "/v1"

  var identity: Identity {
    switch self {
    case .role(let role): role.identity
    case .binding(let binding): binding.identity
    }
  }

  /// Whether the object belongs to RBAC at all; everything else is none of this room's business.
  static func concerns(_ node: JSONNode) -> Bool {
    node["apiVersion"]?.string?.utf8.starts(with: (group + "/").utf8) ?? false
  }

  /// Reads the object, or says which field has the wrong type.
  static func read(_ node: JSONNode) throws(FieldProblem) -> RBACObject {
    let identity = try Identity.read(node)
    switch identity.kind {
    case "Role", "ClusterRole": return .role(try Role.read(node, identity))
    case "RoleBinding", "ClusterRoleBinding": return .binding(try Binding.read(node, identity))
    default:
      throw .unsupported(
        "kind", identity.kind, ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"])
    }
  }
}

/// Which object this is. Cluster-scoped kinds have no namespace, whatever their metadata says (the API server
/// clears it).
struct Identity: Sendable, Hashable, Comparable {
  let kind: String
  let namespace: ExactText
  let name: ExactText
  /// With `generateName` the API server makes the name up: valid to submit, not yet an object.
  let generateName: ExactText

  var isNamespaced: Bool { kind == "Role" || kind == "RoleBinding" }

  static func read(_ node: JSONNode) throws(FieldProblem) -> Identity {
    let top = FieldReader(node: node, field: "", owner: "TypeMeta")
    let metadata = try top.object("metadata", owner: "ObjectMeta")
    let version = try top.string("apiVersion")
    guard version == RBACObject.apiVersion else {
      throw .unsupported("apiVersion", version, [RBACObject.apiVersion])
    }
    let kind = try top.string("kind")
    let isNamespaced = kind == "Role" || kind == "RoleBinding"
    return Identity(
      kind: kind, namespace: ExactText(isNamespaced ? try metadata.string("namespace") : ""),
      name: ExactText(try metadata.string("name")),
      generateName: ExactText(try metadata.string("generateName")))
  }

  static func < (a: Identity, b: Identity) -> Bool {
    (ExactText(a.kind), a.namespace, a.name) < (ExactText(b.kind), b.namespace, b.name)
  }

  /// `RoleBinding "a/b"`, for people.
  var description: String {
    let name = name.isEmpty ? generateName.text + "..." : name.text
    return "\(kind) \"\(namespace.isEmpty ? name : namespace.text + "/" + name)\""
  }
}

/// A Role or ClusterRole. An aggregated ClusterRole grants what its `rules` list, as the cluster filled them
/// in.
struct Role: Sendable, Hashable {
  let identity: Identity
  let rules: [Rule]
  /// Nil without an `aggregationRule`, and always for a Role, where the field does not exist.
  let selectors: [LabelSelector]?

  static func read(_ node: JSONNode, _ identity: Identity) throws(FieldProblem) -> Role {
    let top = FieldReader(node: node, field: "", owner: identity.kind)
    var rules: [Rule] = []
    for rule in try top.objects("rules", owner: "PolicyRule") { rules.append(try Rule.read(rule)) }
    var selectors: [LabelSelector]?
    if identity.kind == "ClusterRole",
      let aggregation = try top.optionalObject("aggregationRule", owner: "AggregationRule")
    {
      selectors = []
      for selector in try aggregation.objects("clusterRoleSelectors", owner: "LabelSelector") {
        selectors?.append(try LabelSelector.read(selector))
      }
    }
    return Role(identity: identity, rules: rules, selectors: selectors)
  }
}

extension Rule {
  static func read(_ reader: FieldReader) throws(FieldProblem) -> Rule {
    Rule(
      verbs: try reader.strings("verbs"), groups: try reader.strings("apiGroups"),
      resources: try reader.strings("resources"), names: Set(try reader.strings("resourceNames")),
      paths: try reader.strings("nonResourceURLs"))
  }
}

/// A RoleBinding or ClusterRoleBinding, with the API server's defaults filled in.
struct Binding: Sendable, Hashable {
  struct Reference: Sendable, Hashable {
    let group: String
    let kind: String
    let name: ExactText
  }

  /// A subject as it is written; `subject` gives its meaning.
  struct Entry: Sendable, Hashable {
    let group: String
    let kind: String
    let namespace: ExactText
    let name: ExactText
  }

  let identity: Identity
  let role: Reference
  let entries: [Entry]

  static func read(_ node: JSONNode, _ identity: Identity) throws(FieldProblem) -> Binding {
    let top = FieldReader(node: node, field: "", owner: identity.kind)
    let reference = try top.object("roleRef", owner: "RoleRef")
    let group = try reference.string("apiGroup")
    let role = Reference(
      group: group.isEmpty ? RBACObject.group : group, kind: try reference.string("kind"),
      name: ExactText(try reference.string("name")))
    var entries: [Entry] = []
    for subject in try top.objects("subjects", owner: "Subject") { entries.append(try Entry.read(subject)) }
    return Binding(identity: identity, role: role, entries: entries)
  }

  /// Whom it names. A ServiceAccount without a namespace is one of the binding's own namespace.
  var subjects: [Subject] {
    entries.map { entry in
      switch entry.kind {
      case "User": .user(entry.name.text)
      case "Group": .group(entry.name.text)
      default:
        .serviceAccount(
          namespace: (entry.namespace.isEmpty ? identity.namespace : entry.namespace).text,
          name: entry.name.text)
      }
    }
  }
}

extension Binding.Entry {
  static func read(_ reader: FieldReader) throws(FieldProblem) -> Binding.Entry {
    let kind = try reader.string("kind")
    let group = try reader.string("apiGroup")
    let isDefaulted = group.isEmpty && (kind == "User" || kind == "Group")
    return Binding.Entry(
      group: isDefaulted ? RBACObject.group : group, kind: kind,
      namespace: ExactText(try reader.string("namespace")), name: ExactText(try reader.string("name")))
  }
}
