/// Bytes that were found to be exactly one valid JSON value within the limits.
package struct JSONDocument: Sendable {
  private let tape: JSONTape

  /// Validates everything in one pass; nothing is decoded yet.
  package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    tape = try JSONTape(scanning: bytes, limits: limits)
  }

  package var root: JSONNode { JSONNode(tape: tape, index: 0) }
}

extension JSONTape {
  convenience init(scanning bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
    var scanner = JSONScanner(limits: limits)
    do { try scanner.scan(bytes.span) } catch { throw JSONError(error, in: bytes, limits: limits) }
    self.init(bytes: bytes, slots: scanner.slots, names: scanner.names)
  }
}

extension JSONValue {
  /// The whole document as a tree.
  package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    self = try JSONDocument(parsing: bytes, limits: limits).root.value
  }
}
