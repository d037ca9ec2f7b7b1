import JSON

/// `metadata.managedFields`: who set which fields. An API server writes it before the first webhook is
/// called, so a review without it is a review that no cluster sends.
enum ManagedFields {
  /// What the server fills in itself belongs to nobody.
  private static let systemMetadata: Set<String> = [
    "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "generation",
    "resourceVersion", "selfLink", "managedFields",
  ]

  /// The entry for everything that the object holds now.
  static func entry(_ object: JSONValue, manager: String, time: String) -> JSONValue {
    var fields = JSONObject()
    for key in (object.object?.keys ?? []).sorted() where !["apiVersion", "kind", "status"].contains(key) {
      let value = object[key] ?? .null
      if key != "metadata" {
        fields["f:" + key] = names(of: value)
      } else if let metadata = metadataFields(value) {
        fields["f:metadata"] = metadata
      }
    }
    return [
      "apiVersion": object["apiVersion"] ?? .null, "fieldsType": "FieldsV1", "fieldsV1": .object(fields),
      "manager": .string(manager), "operation": "Update", "time": .string(time),
    ]
  }

  /// The object's entries with this manager's replaced or added.
  static func update(_ object: JSONValue, manager: String, time: String) -> JSONValue {
    let old = object["metadata"]?["managedFields"]?.array ?? []
    let others = old.filter { $0["manager"]?.string != manager || $0["subresource"] != nil }
    return .array(others + [entry(object, manager: manager, time: time)])
  }

  private static func metadataFields(_ metadata: JSONValue) -> JSONValue? {
    var fields = JSONObject()
    for key in (metadata.object?.keys ?? []).sorted() where !systemMetadata.contains(key) {
      let value = metadata[key] ?? .null
      switch key {
      case "finalizers": fields["f:finalizers"] = set(of: value) { "v:" + text($0) }
      case "ownerReferences":
        fields["f:ownerReferences"] = set(of: value) { "k:" + text(["uid": $0["uid"] ?? .null]) }
      default: fields["f:" + key] = names(of: value)
      }
    }
    return fields.isEmpty ? nil : .object(fields)
  }

  /// Members of members; a list counts as one value.
  private static func names(of value: JSONValue) -> JSONValue {
    guard let members = value.object, !members.isEmpty else { return [:] }
    var fields: JSONObject = [".": [:]]
    for key in members.keys.sorted() { fields["f:" + key] = names(of: members[key] ?? .null) }
    return .object(fields)
  }

  private static func set(of value: JSONValue, key: (JSONValue) -> String) -> JSONValue {
    var fields: JSONObject = [".": [:]]
    for element in value.array ?? [] { fields[key(element)] = [:] }
    return .object(fields)
  }

  private static func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }
}
