/// Decoding the escapes of a string that the scanner has found valid.
enum JSONEscapes {
  /// Appends the UTF-8 bytes that `range` of `bytes` stands for.
  static func decode(_ bytes: Span<UInt8>, _ range: Range<Int>, into out: inout [UInt8]) {
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        at += 1
        continue
      }
      if bytes[at + 1] == UInt8(ascii: "u") {
        append(scalar(bytes, &at), to: &out)
      } else {
        out.append(simple(bytes[at + 1]))
        at += 2
      }
    }
  }

  /// The byte that `\` and this letter stand for; 0 when there is no such escape (`\u` is not a simple one).
  static func simple(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: 0
    }
  }

  /// The scalar of `\uXXXX`, or of a pair of them, at `at`, which moves behind it.
  private static func scalar(_ bytes: Span<UInt8>, _ at: inout Int) -> Unicode.Scalar {
    let first = hex4(bytes, at + 2) ?? 0xFFFD
    at += 6
    guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    let second = hex4(bytes, at + 2) ?? 0xDC00
    at += 6
    return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)) ?? "\u{FFFD}"
  }

  /// Four hex digits as a number; nil if one is none or the bytes end.
  static func hex4(_ bytes: Span<UInt8>, _ at: Int) -> UInt32? {
    guard at + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for i in at..<at + 4 {
      let byte = bytes[i]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: return nil
      }
    }
    return value
  }

  private static func append(_ scalar: Unicode.Scalar, to out: inout [UInt8]) {
    out.append(contentsOf: UTF8.encode(scalar)!)  // every scalar has an encoding
  }
}
