/// Strangers' text on its way into a message: one line, no control characters, never longer than it should
/// be.
package enum BoundedText {
  /// Longest piece of a request that is repeated in a message: a name is at most 253 bytes, so every valid
  /// one fits.
  static let maxQuoted = 256
  /// Longest message; an API server shows it to a person.
  package static let maxMessage = 4096
  /// API servers may cut a warning at 256 characters.
  static let maxWarning = 256
  /// An answer's warnings together may have 4096 characters; 16 of the longest fit.
  static let maxWarnings = 16

  /// The text in double quotes, escaped and cut.
  package static func quoted(_ text: String) -> String { "\"" + plain(text) + "\"" }

  /// A URL as `quoted`, without what may be a secret: user and password, query and fragment. A text that is
  /// no URL may hold one too, so all between the scheme and the last `@` goes.
  static func quotedURL(_ text: String) -> String {
    let address = text.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    let tail = address.count < text.utf8.count ? "?..." : ""
    guard let at = address.lastIndex(of: UInt8(ascii: "@")) else {
      return quoted(String(decoding: address, as: UTF8.self) + tail)
    }
    let colon = address.firstIndex { !isSchemeByte($0) } ?? at
    let authority = address[colon...].dropFirst().drop { $0 == UInt8(ascii: "/") }
    let hasScheme = address[colon...].starts(with: ":/".utf8) && authority.startIndex <= at
    let shown = hasScheme ? address[..<authority.startIndex] : address[..<address.startIndex]
    return quoted(
      String(decoding: shown, as: UTF8.self) + "..." + String(decoding: address[at...], as: UTF8.self) + tail)
  }

  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    "+-.".utf8.contains(byte) || (byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter)
  }

  /// The text without quotes, escaped and cut.
  package static func plain(_ text: String) -> String {
    escaped(text, limit: maxQuoted) { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
  }

  /// A sentence that quotes strangers itself: only what could forge a line is escaped.
  package static func sentence(_ text: String) -> String { escaped(text, limit: maxMessage) { _ in false } }

  private static func escaped(_ text: String, limit: Int, also isSpecial: (UInt8) -> Bool) -> String {
    if isHarmless(text, limit: limit, isSpecial) { return text }
    var result = ""
    var length = 0
    for scalar in text.unicodeScalars {
      guard length < limit else { return result + "..." }
      length += 1
      switch scalar {
      case _ where isUnprintable(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      case _ where scalar.isASCII && isSpecial(UInt8(scalar.value)): result += "\\\(scalar)"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The usual case, without building anything: short printable ASCII.
  private static func isHarmless(_ text: String, limit: Int, _ isSpecial: (UInt8) -> Bool) -> Bool {
    text.utf8.count <= limit && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && !isSpecial($0) }
  }

  /// Control and format characters (line ends, escapes, direction overrides) could forge a line of a log or a
  /// terminal.
  static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      return true
    default: return false
    }
  }

  /// A whole message of ours, cut to `limit` bytes; what it quotes was escaped before.
  package static func message(_ text: String, limit: Int = maxMessage) -> String {
    guard text.utf8.count > limit else { return text }
    var result = ""
    var bytes = 3
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= limit else { break }
      result.unicodeScalars.append(scalar)
    }
    return result + "..."
  }
}
