internal import JSON

/// Whether two specs mean the same: quantities by value, an absent list or map like an empty one, as
/// Kubernetes' semantic equality sees decoded objects.
struct SpecChange {
  let from: JSONNode?
  let to: JSONNode?

  init(from: JSONNode?, to: JSONNode?) {
    self.from = from
    self.to = to
  }

  /// JSON path of the first change. A warm import may move on to its next checkpoint, so there those fields
  /// do not count.
  var changedField: String? {
    let ignored = isMultiStage ? ["checkpoints", "finalCheckpoint"] : []
    return Self.difference(from, to, path: "spec", key: "spec", ignoring: ignored)
  }

  static func isUnchanged(_ old: JSONNode?, _ new: JSONNode?) -> Bool {
    difference(old, new, path: "", key: "", ignoring: []) == nil
  }

  private var isMultiStage: Bool {
    let source = to?.field("source")
    let isWarm = source?.field("vddk") != nil || source?.field("imageio") != nil
    return isWarm && to?.field("checkpoints")?.elements?.isEmpty == false
  }

  private static func difference(
    _ old: JSONNode?, _ new: JSONNode?, path: String, key: String, ignoring: [String]
  ) -> String? {
    let old = meaning(old, key: key)
    let new = meaning(new, key: key)
    guard old != nil || new != nil else { return nil }
    if old?.kind == .object || new?.kind == .object, isMap(old), isMap(new),
      old != nil && new != nil || isPlainMap(key)
    {
      return objectDifference(old, new, path: path, key: key, ignoring: ignoring)
    }
    guard let old, let new else { return path }
    if old.kind == .array, new.kind == .array { return listDifference(old, new, path: path) }
    return isSameScalar(old, new, key: key) ? nil : path
  }

  private static func objectDifference(
    _ old: JSONNode?, _ new: JSONNode?, path: String, key: String, ignoring: [String]
  ) -> String? {
    // Of an annotation already its presence speaks, whatever its text.
    let childKey = isAmounts(key) ? amountKey : isTexts(key) ? "" : nil
    for (name, old, new) in pairs(old, new) where !ignoring.contains(name) {
      let path = "\(path).\(name)"
      if let found = difference(old, new, path: path, key: childKey ?? name, ignoring: []) { return found }
    }
    return nil
  }

  /// The members of both side by side, by name. Sorted, so that objects with many members are no burden.
  private static func pairs(_ old: JSONNode?, _ new: JSONNode?) -> [(String, JSONNode?, JSONNode?)] {
    var old = sortedMembers(old)[...]
    var pairs: [(String, JSONNode?, JSONNode?)] = []
    for (name, value) in sortedMembers(new) {
      while let first = old.first, precedes(first.key, name) {
        pairs.append((first.key, old.removeFirst().value, nil))
      }
      let isInBoth = old.first.map { $0.key.isExactly(name) } ?? false
      pairs.append((name, isInBoth ? old.removeFirst().value : nil, value))
    }
    return pairs + old.map { ($0.key, $0.value, nil) }
  }

  private static func sortedMembers(_ node: JSONNode?) -> [(key: String, value: JSONNode)] {
    (node?.members ?? []).sorted { precedes($0.key, $1.key) }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  private static func listDifference(_ old: JSONNode, _ new: JSONNode, path: String) -> String? {
    let (old, new) = (old.elements ?? [], new.elements ?? [])
    guard old.count == new.count else { return path }
    for (index, pair) in zip(old, new).enumerated() {
      if let found = difference(pair.0, pair.1, path: "\(path)[\(index)]", key: "", ignoring: []) {
        return found
      }
    }
    return nil
  }

  private static func isSameScalar(_ old: JSONNode, _ new: JSONNode, key: String) -> Bool {
    if key == amountKey, let a = old.quantityText, let b = new.quantityText {
      if let a = try? Quantity(a), let b = try? Quantity(b) { return a == b }
      return a.isExactly(b)
    }
    guard old.kind == new.kind else { return false }
    switch old.kind {
    case .string: return old.string?.isExactly(new.string ?? "") ?? false
    case .number: return old.numberText == new.numberText
    case .bool: return old.bool == new.bool
    case .null, .array, .object: return false
    }
  }

  /// Marks the values of `requests` and `limits`: no field is called so.
  private static let amountKey = "<amount>"
  private static func isAmounts(_ key: String) -> Bool { key == "requests" || key == "limits" }

  private static func isTexts(_ key: String) -> Bool {
    ["annotations", "labels", "matchLabels"].contains(key)
  }

  /// Maps and structs that Kubernetes does not tell apart from absent ones. `storage: {}` or `blank: {}` say
  /// something.
  private static func isPlainMap(_ key: String) -> Bool {
    ["spec", "resources", "requests", "limits", "metadata", "labels", "annotations", "matchLabels"].contains(
      key)
  }

  private static func isMap(_ node: JSONNode?) -> Bool { node.map { $0.kind == .object } ?? true }

  /// Nil for what says nothing: null, an empty list, an empty text, and the one flag that is false when
  /// absent. Some empty texts do say something.
  private static func meaning(_ node: JSONNode?, key: String) -> JSONNode? {
    guard let node else { return nil }
    switch node.kind {
    case .null: return nil
    case .array: return node.elements?.isEmpty == true ? nil : node
    case .string:
      let speaksWhenEmpty = ["storageClassName", "volumeMode", "volumeAttributesClassName", ""].contains(key)
      return node.string == "" && !speaksWhenEmpty ? nil : node
    case .bool: return key == "finalCheckpoint" && node.bool == false ? nil : node
    default: return node
    }
  }
}
