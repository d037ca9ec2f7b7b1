/// A URL as Go's `net/url` reads it, because CDI's importer does: what passes here must be what it can open.
/// Read byte by byte, as Go does; to Swift a slash with an accent would be another character.
struct SourceURL {
  private typealias Bytes = ArraySlice<UInt8>

  /// Lower case; empty when there is none.
  let scheme: String

  /// - Parameter absolute: Go's `ParseRequestURI`: without a scheme the text must start with `/`.
  /// - Returns: nil where Go reports an error.
  init?(_ text: String, absolute: Bool) {
    let bytes = Array(text.utf8)[...]
    guard !bytes.isEmpty, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }),
      let (scheme, afterScheme) = Self.splitScheme(bytes)
    else { return nil }
    self.scheme = String(decoding: scheme, as: UTF8.self).lowercased()
    let rest = afterScheme.prefix { $0 != UInt8(ascii: "?") && (absolute || $0 != UInt8(ascii: "#")) }
    guard rest.first == Self.slash else {
      if !scheme.isEmpty { return }
      let firstSegment = rest.prefix { $0 != Self.slash }
      if absolute || firstSegment.contains(Self.colon) || !Self.hasValidEscapes(rest) { return nil }
      return
    }
    guard rest.dropFirst().first == Self.slash, !scheme.isEmpty else {
      if !Self.hasValidEscapes(rest) { return nil }
      return
    }
    let authority = rest.dropFirst(2).prefix { $0 != Self.slash }
    let path = rest.dropFirst(2 + authority.count)
    guard Self.isValidAuthority(authority), Self.hasValidEscapes(path) else { return nil }
  }

  private static let slash = UInt8(ascii: "/")
  private static let colon = UInt8(ascii: ":")

  /// Nil when the text starts with a colon. A scheme starts with a letter; without one all is the rest.
  private static func splitScheme(_ bytes: Bytes) -> (scheme: Bytes, rest: Bytes)? {
    let run = bytes.prefix { isAlphanumeric($0) || "+-.".utf8.contains($0) }
    guard bytes.dropFirst(run.count).first == colon else { return ([], bytes) }
    guard let first = run.first else { return nil }
    return isDigit(first) || !isAlphanumeric(first) ? ([], bytes) : (run, bytes.dropFirst(run.count + 1))
  }

  private static func isValidAuthority(_ authority: Bytes) -> Bool {
    var host = authority
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
      let user = authority[..<at]
      guard user.allSatisfy(isUserInfo), hasValidEscapes(user) else { return false }
      host = authority[(at + 1)...]
    }
    if host.first == UInt8(ascii: "[") {
      guard let end = host.lastIndex(of: UInt8(ascii: "]")) else { return false }
      return isValidPort(host[(end + 1)...])
    }
    if let last = host.lastIndex(of: colon), !isValidPort(host[last...]) { return false }
    return host.allSatisfy(isHost) && hasValidEscapes(host)
  }

  /// Empty, or a colon and digits.
  private static func isValidPort(_ port: Bytes) -> Bool {
    port.isEmpty || port.first == colon && port.dropFirst().allSatisfy(isDigit)
  }

  private static func isUserInfo(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "-._:~!$&'()*+,;=%@".utf8.contains(byte)
  }

  private static func isHost(_ byte: UInt8) -> Bool {
    byte >= 0x80 || isAlphanumeric(byte) || "-_.~!$&'()*+,;=:[]<>\"%".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || isDigit(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || "abcdefABCDEF".utf8.contains(byte)
  }

  /// Every `%` is followed by two hexadecimal digits.
  private static func hasValidEscapes(_ bytes: Bytes) -> Bool {
    bytes.indices.allSatisfy { index in
      guard bytes[index] == UInt8(ascii: "%") else { return true }
      let digits = bytes[(index + 1)...].prefix(2)
      return digits.count == 2 && digits.allSatisfy(isHexadecimal)
    }
  }
}
