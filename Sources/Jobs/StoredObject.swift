package import JSON

/// Names one stored object. Kinds are Kubernetes' words: `DataVolume`, `VirtualMachine`.
package struct ObjectName: Sendable, Hashable, CustomStringConvertible {
  package var kind: String
  package var namespace: String
  package var name: String
  package init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }
  package var description: String { "\(kind) \(namespace)/\(name)" }
}

/// An object as the API server would keep it.
package struct StoredObject: Sendable, Hashable {
  package var name: ObjectName
  /// Never empty once stored: the journal gives a uid to an object that came without one.
  package var uid: String
  /// The uid of the object that it lives and dies with.
  package var ownerUID: String?
  package var json: JSONValue

  package init(name: ObjectName, uid: String, ownerUID: String? = nil, json: JSONValue) {
    self.name = name
    self.uid = uid
    self.ownerUID = ownerUID
    self.json = json
  }

  /// Reads kind, namespace, name, uid and the controller (else the first owner) out of the object itself;
  /// nil when kind or name is missing.
  package init?(_ json: JSONValue, namespace: String = "") {
    guard let kind = json["kind"]?.string, let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
      return nil
    }
    let metadata = json["metadata"]
    let owners = metadata?["ownerReferences"]?.array ?? []
    let owner = owners.first { $0["controller"]?.bool == true } ?? owners.first
    self.init(
      name: ObjectName(kind: kind, namespace: metadata?["namespace"]?.string ?? namespace, name: name),
      uid: metadata?["uid"]?.string ?? "", ownerUID: owner?["uid"]?.string, json: json)
  }
}
