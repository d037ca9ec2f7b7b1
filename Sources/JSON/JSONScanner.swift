/// The one pass over the bytes. It never recurses, so that depth costs memory that is counted and no stack.
///
/// The bytes are lent to every step (`RawSpan` cannot be kept in a struct without experimental features);
/// what is kept is the position, the open containers and the tape as it grows. Strings, numbers and names are
/// in files of their own.
struct JSONScanner {
  /// An array or object whose end was not met yet.
  private struct Open {
    /// Its slot, whose end and link are filled in at the end.
    let slot: Int
    let isObject: Bool
    /// Where its member names start in `keys`.
    let firstKey: Int
  }

  let limits: JSONLimits
  var at = 0
  var slots: [JSONSlot] = []
  var names: [UInt8] = []
  var keys = JSONKeys()
  private var values = 0
  private var open: [Open] = []

  init(limits: JSONLimits) { self.limits = limits }

  /// Arrays and objects that are open.
  var depth: Int { open.count }
  /// The slot of the innermost of them.
  var container: Int? { open.last?.slot }

  /// Reads one document, whole.
  mutating func scan(_ bytes: Span<UInt8>) throws(JSONFault) {
    guard bytes.count <= min(limits.maxBytes, JSONLimits.addressable) else { throw fault(.tooLarge) }
    // Compact reviews have a slot for every 10 to 14 bytes; an exact guess saves growing, a wrong one costs
    // little.
    slots.reserveCapacity(min(bytes.count / 8 + 8, 1 << 16))
    try start(bytes)
    while true {
      if try value(bytes) {
        if open[open.count - 1].isObject { try key(bytes) }
        continue
      }
      guard try moreAfterValue(bytes) else { break }
    }
    skipSpace(bytes)
    if at < bytes.count { throw fault(.trailingBytes) }
  }

  private mutating func start(_ bytes: Span<UInt8>) throws(JSONFault) {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw fault(.byteOrderMark) }
    skipSpace(bytes)
    if at == bytes.count { throw fault(.empty) }
  }

  /// Reads a value. True: it is an array or object that was opened and is not empty, and its first value
  /// comes next.
  @inline(__always)
  private mutating func value(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
    guard at < bytes.count else { throw fault(.unexpectedEnd) }
    values += 1
    if values > limits.maxValues { throw fault(.tooManyValues) }
    let byte = bytes[at]
    switch byte {
    case UInt8(ascii: "\""): try string(bytes)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if limits.passedOver != [], isPassedOver(bytes) {
        try passOver(bytes)
        return false
      }
      return try begin(bytes, isObject: byte == UInt8(ascii: "{"))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(bytes)
    case UInt8(ascii: "t"): try literal(bytes, "true", .true)
    case UInt8(ascii: "f"): try literal(bytes, "false", .false)
    case UInt8(ascii: "n"): try literal(bytes, "null", .null)
    default: throw fault(.expectedValue)
    }
    return false
  }

  /// After a value: closes what ends here. True: another value of an open container comes next.
  @inline(__always)
  private mutating func moreAfterValue(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
    while let top = open.last {
      skipSpace(bytes)
      guard at < bytes.count else { throw fault(.unexpectedEnd) }
      let byte = bytes[at]
      if byte == UInt8(ascii: ",") {
        at += 1
        skipSpace(bytes)
        if top.isObject { try key(bytes) }
        return true
      }
      guard byte == Self.end(ofObject: top.isObject) else { throw fault(.expectedCommaOrEnd) }
      try close(bytes)
    }
    return false
  }

  @inline(__always)
  private mutating func begin(_ bytes: Span<UInt8>, isObject: Bool) throws(JSONFault) -> Bool {
    guard open.count < limits.maxDepth else { throw fault(.tooDeep) }
    open.append(Open(slot: slots.count, isObject: isObject, firstKey: keys.count))
    append(isObject ? .object : .array, at, at, escaped: false)
    at += 1
    skipSpace(bytes)
    guard at < bytes.count else { throw fault(.unexpectedEnd) }
    guard bytes[at] == Self.end(ofObject: isObject) else { return true }
    try close(bytes)
    return false
  }

  @inline(__always)
  private mutating func close(_ bytes: Span<UInt8>) throws(JSONFault) {
    let ended = open.removeLast()
    at += 1
    slots[ended.slot].end = UInt32(at)
    slots[ended.slot].link = UInt32(slots.count)
    guard ended.isObject else { return }
    if let twice = keys.repetition(from: ended.firstKey, slots: slots, bytes: bytes, names: names) {
      guard limits.passedOver.contains(.repeatedNames) else {
        throw JSONFault(code: .duplicateKey, offset: twice)
      }
      passOverRepeated(from: ended.firstKey, bytes)
    }
    keys.removeObject(from: ended.firstKey)
  }

  /// Reads a member name and its colon, up to the value.
  @inline(__always)
  private mutating func key(_ bytes: Span<UInt8>) throws(JSONFault) {
    guard at < bytes.count else { throw fault(.unexpectedEnd) }
    guard bytes[at] == UInt8(ascii: "\"") else { throw fault(.expectedKey) }
    try name(bytes)
    skipSpace(bytes)
    guard at < bytes.count else { throw fault(.unexpectedEnd) }
    guard bytes[at] == UInt8(ascii: ":") else { throw fault(.expectedColon) }
    at += 1
    skipSpace(bytes)
  }

  private mutating func literal(
    _ bytes: Span<UInt8>, _ word: StaticString, _ kind: JSONSlot.Kind
  ) throws(JSONFault) {
    let length = word.utf8CodeUnitCount
    for i in 0..<length {
      guard at + i < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: bytes.count) }
      // The pointer of a literal lives as long as the program, and `i` is below its length.
      guard unsafe bytes[at + i] == word.utf8Start[i] else { throw fault(.badLiteral) }
    }
    append(kind, at, at + length, escaped: false)
    at += length
  }

  /// Offsets fit: `scan` refused what is larger than 32 bits can name.
  @inline(__always)
  mutating func append(_ kind: JSONSlot.Kind, _ start: Int, _ end: Int, escaped: Bool, link: UInt32 = 0) {
    slots.append(
      JSONSlot(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), link: link,
        kind: kind,
        isEscaped: escaped))
  }

  @inline(__always)
  mutating func skipSpace(_ bytes: Span<UInt8>) {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  func fault(_ code: JSONError.Code) -> JSONFault { JSONFault(code: code, offset: at) }

  private static func end(ofObject isObject: Bool) -> UInt8 {
    isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
  }
}
