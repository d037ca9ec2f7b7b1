/// A patch as a JSON value, and back.
extension JSONPatch {
  /// Members that an operation does not define are ignored (RFC 6902 section 4).
  package init(parsing value: JSONValue) throws(JSONPatchError) {
    guard case .array(let elements) = value else {
      throw JSONPatchError(.notAPatch, operation: 0, "a patch is an array of operations, and this is none")
    }
    var parsed: [JSONPatchOperation] = []
    for (place, element) in elements.enumerated() {
      parsed.append(try JSONPatchElement(element, place: place).operation())
    }
    operations = parsed
  }

  package var json: JSONValue { .array(operations.map(\.json)) }
}

extension JSONPatchOperation {
  package var json: JSONValue {
    switch self {
    case .add(let path, let value): ["op": "add", "path": .string(path.description), "value": value]
    case .remove(let path): ["op": "remove", "path": .string(path.description)]
    case .replace(let path, let value): ["op": "replace", "path": .string(path.description), "value": value]
    case .move(let from, let path):
      ["op": "move", "from": .string(from.description), "path": .string(path.description)]
    case .copy(let from, let path):
      ["op": "copy", "from": .string(from.description), "path": .string(path.description)]
    case .test(let path, let value): ["op": "test", "path": .string(path.description), "value": value]
    }
  }
}

/// One element of a patch while it is read.
private struct JSONPatchElement {
  private let members: JSONObject
  private let place: Int

  init(_ element: JSONValue, place: Int) throws(JSONPatchError) {
    guard case .object(let members) = element else {
      throw JSONPatchError(.notAPatch, operation: place, "an operation is an object with `op` and `path`")
    }
    self.members = members
    self.place = place
  }

  func operation() throws(JSONPatchError) -> JSONPatchOperation {
    guard let name = members["op"]?.string else { throw missing("op") }
    let path = try pointer("path")
    switch name {
    case "add": return .add(path: path, value: try value())
    case "remove": return .remove(path: path)
    case "replace": return .replace(path: path, value: try value())
    case "move": return .move(from: try pointer("from"), path: path)
    case "copy": return .copy(from: try pointer("from"), path: path)
    case "test": return .test(path: path, value: try value())
    default:
      throw JSONPatchError(
        .unknownOperation, operation: place,
        "`op` must be add, remove, replace, move, copy or test, not \"\(name)\"")
    }
  }

  private func pointer(_ member: String) throws(JSONPatchError) -> JSONPointer {
    guard let text = members[member]?.string else { throw missing(member) }
    guard let pointer = JSONPointer(text) else {
      throw JSONPatchError(
        .badPointer, operation: place,
        "`\(member)` must be empty or start with /, and write ~ as ~0: \"\(text)\"")
    }
    return pointer
  }

  private func value() throws(JSONPatchError) -> JSONValue {
    guard let value = members["value"] else { throw missing("value") }
    return value
  }

  private func missing(_ member: String) -> JSONPatchError {
    JSONPatchError(.missingMember, operation: place, "`\(member)` is missing or of the wrong kind")
  }
}
