/// Text from anywhere, made safe for a line: cut to a length, and nothing in it that ends a line, moves a
/// cursor or turns the direction of writing.
enum LogText {
  /// The longest value in a line. A Kubernetes name has at most 253 bytes, and a refusal with its `kubectl`
  /// line about 600.
  static let maxValueBytes = 1024
  private static let hex = Array("0123456789abcdef".utf8)

  /// Appends the inside of a JSON string, at most `limit` bytes of it (as written, escapes included).
  static func append(_ text: String, to bytes: inout [UInt8], limit: Int = maxValueBytes) {
    let end = bytes.count + limit
    for scalar in text.unicodeScalars {
      let before = bytes.count
      append(scalar, to: &bytes)
      if bytes.count <= end { continue }
      bytes.removeSubrange(before...)
      bytes += "[cut: \(text.utf8.count) bytes]".utf8
      return
    }
  }

  /// Whether `text` can stand in a text line without quotes.
  static func isPlain(_ text: String) -> Bool {
    guard !text.utf8.isEmpty, text.utf8.count <= maxValueBytes else { return false }
    return text.utf8.allSatisfy {
      $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        && $0 != UInt8(ascii: "=")
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    switch scalar {
    case "\"": bytes += "\\\"".utf8
    case "\\": bytes += "\\\\".utf8
    case "\n": bytes += "\\n".utf8
    case "\r": bytes += "\\r".utf8
    case "\t": bytes += "\\t".utf8
    case _ where isDangerous(scalar): escape(scalar.value, to: &bytes)
    case _ where scalar.isASCII: bytes.append(UInt8(scalar.value))
    default: bytes += String(Character(scalar)).utf8
    }
  }

  /// Control characters of ASCII and Latin-1, line and paragraph separators, and the marks that reorder text.
  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  private static func escape(_ value: UInt32, to bytes: inout [UInt8]) {
    bytes += "\\u".utf8
    for shift in [12, 8, 4, 0] as [UInt32] { bytes.append(hex[Int(value >> shift & 15)]) }
  }
}
