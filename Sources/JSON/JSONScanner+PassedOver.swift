/// Parts of a document that nobody looks at.
extension JSONScanner {
  /// Whether the array or object that begins here is not to be looked at.
  func isPassedOver(_ bytes: Span<UInt8>) -> Bool {
    if limits.passedOver.contains(.depths), depth >= limits.maxDepth { return true }
    return limits.passedOver.contains(.managedFields) && isKey(slots.count - 1, "managedFields", bytes)
      && (container.map { isKey($0 - 1, "metadata", bytes) } ?? false)
  }

  /// Whether this slot is a member name, written in exactly these bytes.
  private func isKey(_ index: Int, _ name: StaticString, _ bytes: Span<UInt8>) -> Bool {
    guard index >= 0 else { return false }
    let slot = slots[index]
    let length = name.utf8CodeUnitCount
    guard slot.kind == .key, !slot.isEscaped, slot.length == length else { return false }
    for i in 0..<length {
      // The pointer of a literal lives as long as the program, and `i` is below its length.
      guard unsafe bytes[Int(slot.start) + i] == name.utf8Start[i] else { return false }
    }
    return true
  }

  /// Of the members of an object that ended, leaves those whose name no later one bears.
  mutating func passOverRepeated(from firstKey: Int, _ bytes: Span<UInt8>) {
    for slot in keys.repeated(from: firstKey, slots: slots, bytes: bytes, names: names) {
      slots[slot].kind = .passedKey
    }
  }

  /// Moves behind the array or object that begins here; nothing of it but its strings and its ends is read.
  mutating func passOver(_ bytes: Span<UInt8>) throws(JSONFault) {
    let start = at
    var depth = 0
    repeat {
      guard at < bytes.count else { throw fault(.unexpectedEnd) }
      switch bytes[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""): passString(bytes)
      default: break
      }
      at += 1
    } while depth > 0
    append(.null, start, at, escaped: false)
  }

  /// From one quote to the other, or to the end of the document.
  private mutating func passString(_ bytes: Span<UInt8>) {
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
  }
}
