package import JSON

/// A change to an object that the API server makes.
package enum ObjectPatch: Sendable, Hashable {
  /// RFC 6902: fails as a whole when one operation does; `test` guards it.
  case json(JSONPatch)
  /// RFC 7396: members of objects are merged, null removes, lists are replaced whole.
  case merge(JSONValue)
  /// Server-side apply: the fields given become ours. With `force` also those that others own; without it
  /// such a field is a conflict.
  case apply(JSONValue, fieldManager: String, force: Bool = false)

  var contentType: String {
    switch self {
    case .json: "application/json-patch+json"
    case .merge: "application/merge-patch+json"
    // YAML by its name, and JSON is YAML (Kubernetes documentation, "Server-Side Apply").
    case .apply: "application/apply-patch+yaml"
    }
  }

  var body: [UInt8] {
    switch self {
    case .json(let patch): patch.json.bytes
    case .merge(let value), .apply(let value, _, _): value.bytes
    }
  }

  var parameters: [(String, String)] {
    guard case .apply(_, let manager, let force) = self else { return [] }
    return [("fieldManager", manager)] + (force ? [("force", "true")] : [])
  }
}
