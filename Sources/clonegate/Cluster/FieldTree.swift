import JSON

/// Which fields of an object are kept: what nobody reads would only take memory, times a hundred thousand.
struct FieldTree: Sendable {
  /// Empty: the whole value.
  private var branches: [(name: String, tree: FieldTree)] = []

  /// - Parameter paths: names from the object's root on, one list for each field.
  init(_ paths: [[String]]) {
    for path in paths { add(path[...]) }
  }

  private mutating func add(_ path: ArraySlice<String>) {
    guard let name = path.first else { return }
    if let known = branches.firstIndex(where: { $0.name == name }) {
      branches[known].tree.add(path.dropFirst())
    } else {
      var tree = FieldTree([])
      tree.add(path.dropFirst())
      branches.append((name, tree))
    }
  }

  /// What is kept of `node`; nil when nothing of it is.
  func selected(from node: JSONNode) -> JSONValue? {
    guard !branches.isEmpty else { return node.value }
    var object: JSONObject = [:]
    for (name, tree) in branches {
      guard let member = node[name], let kept = tree.selected(from: member) else { continue }
      object[name] = kept
    }
    return object.isEmpty ? nil : .object(object)
  }
}
