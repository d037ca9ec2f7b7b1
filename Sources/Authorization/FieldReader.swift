internal import JSON

extension FieldProblem: Error {}

/// Reads typed fields of one JSON object and remembers where in the document it is. As for an API server, a
/// field that is absent or null is empty, an unknown one is passed over, and a wrong type makes the whole
/// object unreadable.
struct FieldReader {
  let node: JSONNode?
  /// Path to this object, empty at the top.
  let field: String
  /// Kubernetes' name for the object's type.
  let owner: String

  func string(_ key: String) throws(FieldProblem) -> String {
    guard let value = present(key) else { return "" }
    guard let text = value.string else { throw wrongType(key, value, "string") }
    return text
  }

  func strings(_ key: String) throws(FieldProblem) -> [ExactText] {
    guard let value = present(key) else { return [] }
    guard let elements = value.elements else { throw wrongType(key, value, "[]string") }
    var texts: [ExactText] = []
    for element in elements {
      guard element.isNull || element.string != nil else { throw wrongType(key, element, "string") }
      texts.append(ExactText(element.string ?? ""))
    }
    return texts
  }

  func object(_ key: String, owner: String) throws(FieldProblem) -> FieldReader {
    try optionalObject(key, owner: owner) ?? FieldReader(node: nil, field: path(key), owner: owner)
  }

  func optionalObject(_ key: String, owner: String) throws(FieldProblem) -> FieldReader? {
    guard let value = present(key) else { return nil }
    guard value.members != nil else { throw wrongType(key, value, owner) }
    return FieldReader(node: value, field: path(key), owner: owner)
  }

  func objects(_ key: String, owner: String) throws(FieldProblem) -> [FieldReader] {
    guard let value = present(key) else { return [] }
    guard let elements = value.elements else { throw wrongType(key, value, "[]" + owner) }
    var readers: [FieldReader] = []
    for (index, element) in elements.enumerated() {
      guard element.isNull || element.members != nil else { throw wrongType(key, element, owner) }
      readers.append(FieldReader(node: element, field: "\(path(key))[\(index)]", owner: owner))
    }
    return readers
  }

  /// A map from text to text.
  func texts(_ key: String) throws(FieldProblem) -> [(key: String, value: String)] {
    guard let value = present(key) else { return [] }
    guard let members = value.members else { throw wrongType(key, value, "map[string]string") }
    var texts: [(key: String, value: String)] = []
    for (key, member) in members {
      guard member.isNull || member.string != nil else { throw wrongType(key, member, "string") }
      texts.append((key, member.string ?? ""))
    }
    return texts
  }

  private func path(_ key: String) -> String { field.isEmpty ? key : field + "." + key }

  private func present(_ key: String) -> JSONNode? {
    guard let value = node?[key], !value.isNull else { return nil }
    return value
  }

  private func wrongType(_ key: String, _ value: JSONNode, _ wanted: String) -> FieldProblem {
    let got =
      if value.string != nil { "string" } else if value.bool != nil { "bool" } else if value.elements != nil {
        "array"
      } else if value.members != nil { "object" } else { "number" }
    return .wrongType(path(key), owner: owner, got: got, wanted: wanted)
  }
}
