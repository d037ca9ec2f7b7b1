/// One value or member name of a document: where its bytes are, and where the next one is.
struct JSONSlot: Sendable {
  enum Kind: UInt8, Sendable {
    case null, `false`, `true`, number, string, array, object, key
    /// A member name that a later one of the object repeats: the member is passed over.
    case passedKey
  }

  /// First byte and the byte after the last. Strings and names: without their quotes.
  var start: UInt32
  var end: UInt32
  /// Containers: the slot after the last one inside. Names: their hash. Others: 0.
  var link: UInt32
  var kind: Kind
  /// Strings: the bytes hold escapes, still to be decoded. Names: the bytes are in `JSONTape.names`, decoded
  /// already.
  var isEscaped: Bool

  var range: Range<Int> { Int(start)..<Int(end) }
  var length: Int { Int(end) - Int(start) }
}

/// A validated document. Never changes after the scan, so that nodes on any thread can share it.
final class JSONTape: Sendable {
  let bytes: [UInt8]
  let slots: [JSONSlot]
  /// The member names that were written with escapes, decoded, one after the other.
  let names: [UInt8]

  init(bytes: [UInt8], slots: [JSONSlot], names: [UInt8]) {
    self.bytes = bytes
    self.slots = slots
    self.names = names
  }

  /// The slot that follows the value at `index` and all that is inside it.
  func after(_ index: Int) -> Int {
    switch slots[index].kind {
    case .array, .object: Int(slots[index].link)
    default: index + 1
    }
  }

  /// Whether the member of this name is not there, because a later one bears it.
  func isPassedOver(_ index: Int) -> Bool { slots[index].kind == .passedKey }

  /// Whether the decoded bytes of a member name are exactly `name`. Allocates nothing.
  func isKey(_ index: Int, _ name: Span<UInt8>) -> Bool {
    let slot = slots[index]
    guard slot.length == name.count else { return false }
    return slot.isEscaped ? same(names, slot, name) : same(bytes, slot, name)
  }

  private func same(_ mine: [UInt8], _ slot: JSONSlot, _ other: Span<UInt8>) -> Bool {
    let base = Int(slot.start)
    for i in other.indices where mine[base + i] != other[i] { return false }
    return true
  }

  /// The text of a string or of a member name.
  func text(_ index: Int) -> String {
    let slot = slots[index]
    if slot.kind == .key {
      return String(decoding: slot.isEscaped ? names[slot.range] : bytes[slot.range], as: UTF8.self)
    }
    guard slot.isEscaped else { return String(decoding: bytes[slot.range], as: UTF8.self) }
    let bytes = bytes
    var decoded: [UInt8] = []
    decoded.reserveCapacity(slot.length)
    JSONEscapes.decode(bytes.span, slot.range, into: &decoded)
    return String(decoding: decoded, as: UTF8.self)
  }
}
