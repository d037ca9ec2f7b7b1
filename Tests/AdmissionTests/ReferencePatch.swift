import Foundation

/// RFC 6902 a second time, over Foundation's objects: patches are applied by code that shares nothing with
/// the product.
enum ReferencePatch {
  struct Failure: Error { let operation: String }

  /// - Throws: where an API server would answer that the patch cannot be applied.
  static func apply(_ patch: [NSDictionary], to document: Any) throws -> Any {
    var document = document
    for operation in patch {
      guard let path = operation["path"] as? String, let value = operation["value"],
        let name = operation["op"] as? String, ["add", "replace"].contains(name),
        let changed = change(document, steps(of: path)[...], value, mustExist: name == "replace")
      else { throw Failure(operation: "\(operation)") }
      document = changed
    }
    return document
  }

  private static func steps(of path: String) -> [String] {
    path.components(separatedBy: "/").dropFirst().map {
      $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
    }
  }

  private static func change(_ node: Any, _ steps: ArraySlice<String>, _ value: Any, mustExist: Bool) -> Any?
  {
    guard let step = steps.first else { return value }
    if var list = node as? [Any] {
      let isLast = steps.count == 1
      guard let index = step == "-" && isLast ? list.count : Int(step), index >= 0 else { return nil }
      if isLast, !mustExist, index <= list.count {
        list.insert(value, at: index)
        return list
      }
      guard list.indices.contains(index),
        let child = change(list[index], steps.dropFirst(), value, mustExist: mustExist)
      else { return nil }
      list[index] = child
      return list
    }
    guard var map = node as? [String: Any] else { return nil }
    if steps.count == 1 {
      if mustExist, map[step] == nil { return nil }
      map[step] = value
      return map
    }
    guard let inner = map[step], let child = change(inner, steps.dropFirst(), value, mustExist: mustExist)
    else { return nil }
    map[step] = child
    return map
  }

  /// The review with its object patched, as the API server sends it on.
  static func apply(_ patch: [NSDictionary]?, toReview body: [UInt8]) throws -> [UInt8] {
    guard let patch, var review = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      var request = review["request"] as? [String: Any], let object = request["object"]
    else { return body }
    request["object"] = try apply(patch, to: object)
    review["request"] = request
    return Array(try JSONSerialization.data(withJSONObject: review))
  }
}
