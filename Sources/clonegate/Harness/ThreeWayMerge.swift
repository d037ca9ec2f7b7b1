import JSON

/// What `kubectl apply` makes of a stored object: fields of the manifest win, fields that an earlier manifest
/// had and this one has not go away, and everything else (defaults, what controllers wrote) stays.
///
/// Lists are taken whole. One that the manifest has not changed stays as it is stored: kubectl would write it
/// again without the defaults inside, and call an object changed that nobody touched.
enum ThreeWayMerge {
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// The manifest with itself in the annotation, for the next time.
  static func annotated(_ manifest: JSONValue) -> JSONValue {
    var manifest = manifest
    manifest["metadata"]?["annotations"]?[annotation] = nil
    var remembered = manifest
    if remembered["metadata"]?["annotations"] == nil { remembered["metadata"]?["annotations"] = [:] }
    var annotations = manifest["metadata"]?["annotations"]?.object ?? JSONObject()
    annotations[annotation] = .string(String(decoding: sorted(remembered).bytes, as: UTF8.self) + "\n")
    manifest["metadata"]?["annotations"] = .object(annotations)
    return manifest
  }

  /// - Parameter manifest: annotated.
  static func merge(manifest: JSONValue, into live: JSONValue) -> JSONValue {
    let text = live["metadata"]?["annotations"]?[annotation]?.string ?? "{}"
    let earlier = (try? JSONValue(parsing: Array(text.utf8))) ?? [:]
    return merge(manifest, into: live, earlier: earlier)
  }

  private static func merge(_ new: JSONValue, into live: JSONValue, earlier: JSONValue?) -> JSONValue {
    guard let members = new.object, var result = live.object else {
      return new.array != nil && new == earlier ? live : new
    }
    let dropped = (earlier?.object?.keys ?? []).filter { members[$0] == nil }
    for key in dropped { result[key] = nil }
    members.forEach { key, value in
      result[key] = result[key].map { merge(value, into: $0, earlier: earlier?[key]) } ?? value
    }
    return .object(result)
  }

  /// Members in order of their names, so that the same manifest always leaves the same text.
  private static func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      var result = JSONObject()
      for key in members.keys.sorted() { result[key] = members[key].map(sorted) }
      return .object(result)
    case .array(let elements): return .array(elements.map(sorted))
    default: return value
    }
  }
}
