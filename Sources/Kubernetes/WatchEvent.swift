internal import JSON

/// One line of a watch (meta/v1, WatchEvent).
enum WatchEvent: Sendable {
  enum Kind: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  case change(Kind, JSONNode, resourceVersion: String)
  /// Nothing has happened that we asked for, up to this version.
  case bookmark(resourceVersion: String)
  /// The watch is over.
  case failure(KubernetesError)

  init(line: [UInt8]) throws(KubernetesError) {
    let root: JSONNode
    do throws(JSONError) {
      root = try JSONDocument(parsing: line, limits: KubernetesLimits.watchLine).root
    } catch {
      throw KubernetesError(.malformed, message: "an event of a watch: \(error)")
    }
    guard let type = root["type"]?.string, let object = root["object"] else {
      throw KubernetesError(.malformed, message: "an event of a watch has no type or no object")
    }
    if type == "ERROR" {
      self = .failure(KubernetesError(status: object))
      return
    }
    guard let version = object["metadata"]?["resourceVersion"]?.string, !version.isEmpty else {
      throw KubernetesError(.malformed, message: "a \(type) event of a watch has no resourceVersion")
    }
    if type == "BOOKMARK" {
      self = .bookmark(resourceVersion: version)
    } else if let kind = Kind(rawValue: type) {
      self = .change(kind, object, resourceVersion: version)
    } else {
      throw KubernetesError(
        .malformed, message: "'\(PlainText.line(type, limit: 40))' is no event of a watch")
    }
  }
}
