/// A place in a validated document. Copying it copies a reference and a number; a value is decoded when it is
/// asked for.
///
/// Every view is nil when the value is of another kind, so that `node["spec"]?["name"]?.string` needs no
/// checks between.
package struct JSONNode: Sendable {
  package enum Kind: Sendable { case null, bool, number, string, array, object }

  private let tape: JSONTape
  private let index: Int

  init(tape: JSONTape, index: Int) {
    self.tape = tape
    self.index = index
  }

  /// A tree as a document, so that values which were not read from JSON take the same way as those which
  /// were.
  package init(_ value: JSONValue) {
    // What this room writes, it reads: the writer makes no byte that the scanner refuses, and no limit
    // applies.
    guard let tape = try? JSONTape(scanning: value.bytes, limits: .own) else {
      preconditionFailure("the JSON writer wrote what the JSON scanner refuses")
    }
    self.init(tape: tape, index: 0)
  }

  private var slot: JSONSlot { tape.slots[index] }

  package var kind: Kind {
    switch slot.kind {
    case .null: .null
    case .true, .false: .bool
    case .number: .number
    case .string, .key, .passedKey: .string
    case .array: .array
    case .object: .object
    }
  }

  package var isNull: Bool { slot.kind == .null }

  package var bool: Bool? {
    switch slot.kind {
    case .true: true
    case .false: false
    default: nil
    }
  }

  package var string: String? { slot.kind == .string ? tape.text(index) : nil }

  /// Whether this is a string with exactly these scalars. Allocates nothing unless the document wrote it with
  /// escapes.
  package func equals(_ text: String) -> Bool {
    let slot = slot
    guard slot.kind == .string else { return false }
    if slot.isEscaped { return tape.text(index).utf8.elementsEqual(text.utf8) }
    return tape.isKey(index, text.utf8.span)
  }

  /// The number as it was written.
  package var numberText: String? {
    slot.kind == .number ? String(decoding: tape.bytes[slot.range], as: UTF8.self) : nil
  }

  /// The number if it was written as an integer (no fraction, no exponent) and fits.
  package var int: Int64? { numberText.flatMap { Int64($0) } }

  /// The bytes of this value as they were written; a string includes its quotes.
  package var rawBytes: ArraySlice<UInt8> {
    let slot = slot
    return slot.kind == .string
      ? tape.bytes[slot.range.lowerBound - 1...slot.range.upperBound] : tape.bytes[slot.range]
  }

  /// The whole subtree as values of its own.
  package var value: JSONValue {
    switch slot.kind {
    case .null: return .null
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .number: return .number(String(decoding: tape.bytes[slot.range], as: UTF8.self))
    case .string, .key, .passedKey: return .string(tape.text(index))
    case .array:
      var values: [JSONValue] = []
      forEachElement { values.append($0.value) }
      return .array(values)
    case .object:
      var object = JSONObject()
      forEachMember { object.appendNew($0.key, $1.value) }
      return .object(object)
    }
  }
}

/// Arrays and objects.
extension JSONNode {
  /// The member with exactly this name (case counts, escapes were decoded). Allocates nothing.
  package subscript(key: String) -> JSONNode? {
    let slot = slot
    guard slot.kind == .object else { return nil }
    let name = key.utf8.span
    var at = index + 1
    while at < Int(slot.link) {
      if tape.isKey(at, name), !tape.isPassedOver(at) { return JSONNode(tape: tape, index: at + 1) }
      at = tape.after(at + 1)
    }
    return nil
  }

  package var elements: [JSONNode]? {
    guard slot.kind == .array else { return nil }
    var nodes: [JSONNode] = []
    forEachElement { nodes.append($0) }
    return nodes
  }

  package var members: [(key: String, value: JSONNode)]? {
    guard slot.kind == .object else { return nil }
    var members: [(key: String, value: JSONNode)] = []
    forEachMember { members.append(($0.key, $1)) }
    return members
  }

  /// Calls `body` with every element in order; not at all when this is no array. No list is made.
  package func forEachElement(_ body: (JSONNode) -> Void) {
    guard slot.kind == .array else { return }
    var at = index + 1
    while at < Int(slot.link) {
      body(JSONNode(tape: tape, index: at))
      at = tape.after(at)
    }
  }

  /// Calls `body` with every member in the order written; not at all when this is no object. No name is
  /// decoded unless the callback asks for it.
  package func forEachMember(_ body: (JSONName, JSONNode) -> Void) {
    guard slot.kind == .object else { return }
    var at = index + 1
    while at < Int(slot.link) {
      if !tape.isPassedOver(at) { body(JSONName(tape: tape, index: at), JSONNode(tape: tape, index: at + 1)) }
      at = tape.after(at + 1)
    }
  }
}

/// The name of a member, not decoded yet.
package struct JSONName: Sendable {
  private let tape: JSONTape
  private let index: Int

  init(tape: JSONTape, index: Int) {
    self.tape = tape
    self.index = index
  }

  package var key: String { tape.text(index) }
  package func equals(_ text: String) -> Bool { tape.isKey(index, text.utf8.span) }
}
