/// Applying a patch (RFC 6902 sections 4 and 5): all of it or nothing.
extension JSONPatch {
  package func apply(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
    var document = document
    for (place, operation) in operations.enumerated() {
      let change = JSONChange(operation: place)
      switch operation {
      case .add(let path, let value): try change.add(value, at: path, in: &document)
      case .remove(let path): _ = try change.remove(path, from: &document)
      case .replace(let path, let value): try change.replace(path, with: value, in: &document)
      case .move(let from, let path): try change.move(from, to: path, in: &document)
      case .copy(let from, let path): try change.add(change.find(from, in: document), at: path, in: &document)
      case .test(let path, let value): try change.test(path, value, in: document)
      }
    }
    return document
  }
}

/// One operation at work.
private struct JSONChange {
  /// Its place in the patch, for errors.
  let operation: Int

  func add(_ value: JSONValue, at path: JSONPointer, in document: inout JSONValue) throws(JSONPatchError) {
    guard let last = path.tokens.last else {
      document = value
      return
    }
    try change(path.tokens.dropLast()[...], of: &document, path) { (parent) throws(JSONPatchError) in
      switch parent {
      case .object(var members):
        parent = .null
        members[last] = value
        parent = .object(members)
      case .array(var values):
        parent = .null
        values.insert(value, at: try insertion(last, values.count, path))
        parent = .array(values)
      default: throw noSuchPlace(path)
      }
    }
  }

  func remove(_ path: JSONPointer, from document: inout JSONValue) throws(JSONPatchError) -> JSONValue {
    let removed = try find(path, in: document)
    guard let last = path.tokens.last else {
      throw JSONPatchError(
        .noSuchPlace, operation: operation, "the whole document cannot be removed; replace it")
    }
    try change(path.tokens.dropLast()[...], of: &document, path) { (parent) throws(JSONPatchError) in
      switch parent {
      case .object(var members):
        parent = .null
        members[last] = nil
        parent = .object(members)
      case .array(var values):
        parent = .null
        values.remove(at: try existing(last, values.count, path))
        parent = .array(values)
      default: throw noSuchPlace(path)
      }
    }
    return removed
  }

  func replace(_ path: JSONPointer, with value: JSONValue, in document: inout JSONValue)
    throws(JSONPatchError)
  {
    _ = try find(path, in: document)
    try change(path.tokens[...], of: &document, path) { (place) throws(JSONPatchError) in place = value }
  }

  func move(_ from: JSONPointer, to path: JSONPointer, in document: inout JSONValue) throws(JSONPatchError) {
    let value = try find(from, in: document)
    if from == path { return }
    let within =
      path.tokens.count > from.tokens.count
      && JSONPointer(tokens: Array(path.tokens.prefix(from.tokens.count))) == from
    if within {
      throw JSONPatchError(
        .moveIntoItself, operation: operation, "\(from) cannot be moved into itself, to \(path)")
    }
    _ = try remove(from, from: &document)
    try add(value, at: path, in: &document)
  }

  func test(_ path: JSONPointer, _ value: JSONValue, in document: JSONValue) throws(JSONPatchError) {
    guard try find(path, in: document) == value else {
      throw JSONPatchError(
        .testFailed, operation: operation, "the value at \"\(path)\" is not the one tested for")
    }
  }

  func find(_ path: JSONPointer, in document: JSONValue) throws(JSONPatchError) -> JSONValue {
    guard let value = path.find(in: document) else { throw noSuchPlace(path) }
    return value
  }

  /// Goes down to the place that `tokens` name and changes it there; nothing on the way is copied.
  private func change(
    _ tokens: ArraySlice<String>, of value: inout JSONValue, _ path: JSONPointer,
    _ body: (inout JSONValue) throws(JSONPatchError) -> Void
  ) throws(JSONPatchError) {
    guard let token = tokens.first else { return try body(&value) }
    switch value {
    case .object(var members):
      guard var member = members[token] else { throw noSuchPlace(path) }
      value = .null
      members[token] = .null
      try change(tokens.dropFirst(), of: &member, path, body)
      members[token] = member
      value = .object(members)
    case .array(var values):
      let place = try existing(token, values.count, path)
      value = .null
      try change(tokens.dropFirst(), of: &values[place], path, body)
      value = .array(values)
    default: throw noSuchPlace(path)
    }
  }

  private func existing(_ token: String, _ count: Int, _ path: JSONPointer) throws(JSONPatchError) -> Int {
    guard let place = JSONPointer.arrayIndex(token) else { throw badIndex(token, path) }
    guard place < count else { throw noSuchPlace(path) }
    return place
  }

  /// `-` is the place behind the last element.
  private func insertion(_ token: String, _ count: Int, _ path: JSONPointer) throws(JSONPatchError) -> Int {
    if token == "-" { return count }
    guard let place = JSONPointer.arrayIndex(token) else { throw badIndex(token, path) }
    guard place <= count else { throw noSuchPlace(path) }
    return place
  }

  private func noSuchPlace(_ path: JSONPointer) -> JSONPatchError {
    JSONPatchError(
      .noSuchPlace, operation: operation, "there is no \"\(path)\" in the document; add what holds it first")
  }

  private func badIndex(_ token: String, _ path: JSONPointer) -> JSONPatchError {
    JSONPatchError(
      .badIndex, operation: operation,
      "\"\(token)\" in \"\(path)\" is no position in an array; use 0, 1, 2 and so on"
    )
  }
}
