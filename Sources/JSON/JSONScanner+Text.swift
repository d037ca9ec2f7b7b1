/// Strings, member names and numbers.
extension JSONScanner {
  @inline(__always)
  mutating func string(_ bytes: Span<UInt8>) throws(JSONFault) {
    let start = at + 1
    let escaped = try quoted(bytes)
    append(.string, start, at - 1, escaped: escaped)
  }

  /// A member name; one with escapes is decoded now, so that comparing it later needs no decoding.
  @inline(__always)
  mutating func name(_ bytes: Span<UInt8>) throws(JSONFault) {
    let opening = at
    let escaped = try quoted(bytes)
    var (start, end) = (opening + 1, at - 1)
    if escaped {
      let first = names.count
      JSONEscapes.decode(bytes, start..<end, into: &names)
      (start, end) = (first, names.count)
    }
    let hash = escaped ? JSONKeys.hash(names.span, start, end) : JSONKeys.hash(bytes, start, end)
    keys.append(hash: hash, slot: slots.count, offset: opening)
    append(.key, start, end, escaped: escaped, link: hash)
  }

  /// From one quote to behind the other; true when there are escapes in between. Validates escapes and UTF-8.
  @inline(__always)
  private mutating func quoted(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
    at += 1
    var escaped = false
    while true {
      skipPlain(bytes)
      guard at < bytes.count else { throw fault(.unexpectedEnd) }
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return escaped
      case UInt8(ascii: "\\"):
        escaped = true
        try escape(bytes)
      case 0..<0x20: throw fault(.controlCharacter)
      default: try multibyte(bytes)
      }
    }
  }

  /// Moves to the next quote, backslash, control character or byte from 0x80; eight bytes at a time where
  /// there are eight.
  @inline(__always)
  private mutating func skipPlain(_ bytes: Span<UInt8>) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    while at + 8 <= bytes.count {
      // Any eight bytes are a valid UInt64, and the line above keeps them inside the span.
      let word = unsafe UInt64(
        littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5C)
      // A borrow can only mark bytes above a true hit, so the lowest mark is always exact.
      let hits =
        ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word | word) & tops
      if hits != 0 {
        at += hits.trailingZeroBitCount >> 3
        return
      }
      at += 8
    }
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 || byte >= 0x80 { return }
      at += 1
    }
  }

  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONFault) {
    guard at + 1 < bytes.count else { throw JSONFault(code: .unexpectedEnd, offset: bytes.count) }
    if bytes[at + 1] != UInt8(ascii: "u") {
      guard JSONEscapes.simple(bytes[at + 1]) != 0 else { throw fault(.badEscape) }
      at += 2
      return
    }
    guard let first = JSONEscapes.hex4(bytes, at + 2) else { throw fault(.badEscape) }
    if first & 0xF800 != 0xD800 {
      at += 6
      return
    }
    guard first & 0xFC00 == 0xD800, at + 8 <= bytes.count, bytes[at + 6] == UInt8(ascii: "\\"),
      bytes[at + 7] == UInt8(ascii: "u"), let second = JSONEscapes.hex4(bytes, at + 8),
      second & 0xFC00 == 0xDC00
    else { throw fault(.loneSurrogate) }
    at += 12
  }

  /// One character of two to four bytes, by the table of Unicode 15, 3.9, D92: no overlong form, no
  /// surrogate, nothing above U+10FFFF.
  private mutating func multibyte(_ bytes: Span<UInt8>) throws(JSONFault) {
    let lead = bytes[at]
    let second: ClosedRange<UInt8>
    let more: Int
    switch lead {
    case 0xC2...0xDF: (second, more) = (0x80...0xBF, 0)
    case 0xE0: (second, more) = (0xA0...0xBF, 1)
    case 0xE1...0xEC, 0xEE, 0xEF: (second, more) = (0x80...0xBF, 1)
    case 0xED: (second, more) = (0x80...0x9F, 1)
    case 0xF0: (second, more) = (0x90...0xBF, 2)
    case 0xF1...0xF3: (second, more) = (0x80...0xBF, 2)
    case 0xF4: (second, more) = (0x80...0x8F, 2)
    default: throw fault(.badUTF8)
    }
    guard at + 1 + more < bytes.count, second.contains(bytes[at + 1]) else { throw fault(.badUTF8) }
    for i in 0..<more where bytes[at + 2 + i] & 0xC0 != 0x80 { throw fault(.badUTF8) }
    at += 2 + more
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`; what may follow is checked by whoever comes
  /// next.
  mutating func number(_ bytes: Span<UInt8>) throws(JSONFault) {
    let start = at
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let leadingZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
    let whole = try digits(bytes)
    if leadingZero && whole > 1 { throw JSONFault(code: .badNumber, offset: start) }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      _ = try digits(bytes)
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      _ = try digits(bytes)
    }
    append(.number, start, at, escaped: false)
  }

  /// At least one digit; how many there were.
  private mutating func digits(_ bytes: Span<UInt8>) throws(JSONFault) -> Int {
    let start = at
    while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
    guard at > start else { throw fault(at == bytes.count ? .unexpectedEnd : .badNumber) }
    return at - start
  }
}
