import Authorization
import Foundation
import JSON
import Yams

/// What a real API server stored, answered and refused, copied whole from the recordings.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/rbac")

  static let sets = (1...30).map { String(format: "%02d", $0) }

  static func json(_ path: String) throws -> JSONNode {
    try JSONDocument(parsing: Array(Data(contentsOf: folder.appending(path: path)))).root
  }

  static func objects(of set: String) throws -> [JSONNode] {
    let text = try String(contentsOf: folder.appending(path: "\(set)/objects.yaml"), encoding: .utf8)
    return try yaml(text)
  }

  static func verdicts(of set: String) throws -> [RecordedVerdict] {
    try json("\(set)/verdicts.json").elements!.map(RecordedVerdict.init)
  }

  /// Objects of a multi-document YAML text.
  static func yaml(_ text: String) throws -> [JSONNode] {
    try Yams.compose_all(yaml: text).map { JSONNode(value($0)) }
  }

  private static func value(_ node: Yams.Node) -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, member) in mapping { object[key.string!] = value(member) }
      return .object(object)
    case .sequence(let sequence): return .array(sequence.map(value))
    case .scalar, .alias:
      if node.tag == Tag(.null) { return .null }
      if node.tag == Tag(.bool), let flag = node.bool { return .bool(flag) }
      if node.tag == Tag(.int), let number = node.int { return .number(String(number)) }
      return .string(node.string!)
    }
  }
}

/// One SubjectAccessReview and its answer.
struct RecordedVerdict {
  let attributes: Attributes
  let allowed: Bool

  init(_ node: JSONNode) throws {
    let spec = node["spec"]!
    let groups = spec["groups"]?.elements?.map { $0.string! } ?? []
    let user = UserInfo(name: spec["user"]?.string ?? "", uid: spec["uid"]?.string ?? "", groups: groups)
    allowed = node["allowed"]!.bool!
    if let path = spec["nonResourceAttributes"] {
      attributes = Attributes(user: user, verb: path["verb"]!.string!, path: path["path"]!.string!)
    } else {
      let resource = spec["resourceAttributes"]!
      func text(_ key: String) -> String { resource[key]?.string ?? "" }
      attributes = Attributes(
        user: user, verb: text("verb"), group: text("group"), version: text("version"),
        resource: text("resource"),
        subresource: text("subresource"), namespace: text("namespace"), name: text("name"))
    }
  }
}

/// Objects and questions for the cases that are written here.
enum Sample {
  static let cloner = role("ClusterRole", "datavolume-cloner")
  static let alice = UserInfo(name: "alice", groups: ["devs", "system:authenticated"])

  static func role(
    _ kind: String, _ name: String, namespace: String = "", verbs: [String] = ["create"],
    groups: [String] = ["cdi.kubevirt.io"], resources: [String] = ["datavolumes/source"], names: [String] = []
  ) -> JSONNode {
    JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": .string(kind),
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "rules": [
        [
          "verbs": list(verbs), "apiGroups": list(groups), "resources": list(resources),
          "resourceNames": list(names),
        ]
      ],
    ])
  }

  static func binding(
    _ name: String, namespace: String = "", role kind: String = "ClusterRole",
    _ role: String = "datavolume-cloner",
    to subjects: JSONValue...
  ) -> JSONNode {
    JSONNode([
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": namespace.isEmpty ? "ClusterRoleBinding" : "RoleBinding",
      "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "roleRef": [
        "apiGroup": "rbac.authorization.k8s.io", "kind": .string(kind), "name": .string(role),
      ],
      "subjects": .array(subjects),
    ])
  }

  static func user(_ name: String) -> JSONValue { ["kind": "User", "name": .string(name)] }
  static func group(_ name: String) -> JSONValue { ["kind": "Group", "name": .string(name)] }
  static func account(_ namespace: String, _ name: String) -> JSONValue {
    ["kind": "ServiceAccount", "namespace": .string(namespace), "name": .string(name)]
  }

  /// May this user clone the disk in the namespace?
  static func clone(_ user: UserInfo = alice, from namespace: String = "source", disk: String = "disk")
    -> Attributes
  {
    Attributes(
      user: user, verb: "create", group: "cdi.kubevirt.io", resource: "datavolumes", subresource: "source",
      namespace: namespace, name: disk)
  }

  private static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
