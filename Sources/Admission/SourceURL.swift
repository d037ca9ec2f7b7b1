/// A URL as Go's `net/url` reads it, because CDI's importer does: what passes here must be what it can open.
struct SourceURL {
  /// Lower case; empty when there is none.
  let scheme: String

  /// - Parameter absolute: Go's `ParseRequestURI`: without a scheme the text must start with `/`.
  /// - Returns: nil where Go reports an error.
  init?(_ text: String, absolute: Bool) {
    guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return nil }
    guard let (scheme, afterScheme) = Self.splitScheme(text) else { return nil }
    self.scheme = scheme
    let rest = afterScheme.prefix { $0 != "?" && (absolute || $0 != "#") }
    guard rest.hasPrefix("/") else {
      if !scheme.isEmpty { return }
      let firstSegment = rest.prefix { $0 != "/" }
      if absolute || firstSegment.contains(":") || !Self.hasValidEscapes(rest) { return nil }
      return
    }
    guard rest.hasPrefix("//"), !scheme.isEmpty else {
      if !Self.hasValidEscapes(rest) { return nil }
      return
    }
    let authority = rest.dropFirst(2).prefix { $0 != "/" }
    let path = rest.dropFirst(2 + authority.count)
    guard Self.isValidAuthority(authority), Self.hasValidEscapes(path) else { return nil }
  }

  /// Nil when the text starts with a colon.
  private static func splitScheme(_ text: String) -> (String, Substring)? {
    for (index, byte) in zip(text.utf8.indices, text.utf8) {
      let isFirst = index == text.utf8.startIndex
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        if isFirst { return ("", text[...]) }
      case UInt8(ascii: ":"):
        if isFirst { return nil }
        return (text[..<index].lowercased(), text[text.utf8.index(after: index)...])
      default: return ("", text[...])
      }
    }
    return ("", text[...])
  }

  private static func isValidAuthority(_ authority: Substring) -> Bool {
    var host = authority
    if let at = authority.lastIndex(of: "@") {
      let user = authority[..<at]
      guard user.unicodeScalars.allSatisfy(isUserInfo), hasValidEscapes(user) else { return false }
      host = authority[authority.index(after: at)...]
    }
    if host.hasPrefix("[") {
      guard let end = host.lastIndex(of: "]") else { return false }
      return isValidPort(host[host.index(after: end)...])
    }
    if let colon = host.lastIndex(of: ":"), !isValidPort(host[colon...]) { return false }
    return host.unicodeScalars.allSatisfy(isHost) && hasValidEscapes(host)
  }

  /// Empty, or a colon and digits.
  private static func isValidPort(_ port: Substring) -> Bool {
    port.isEmpty || port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy(isDigit)
  }

  private static func isUserInfo(_ scalar: Unicode.Scalar) -> Bool {
    isAlphanumeric(scalar) || "-._:~!$&'()*+,;=%@".unicodeScalars.contains(scalar)
  }

  private static func isHost(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x80 || isAlphanumeric(scalar)
      || "-_.~!$&'()*+,;=:[]<>\"%".unicodeScalars.contains(scalar)
  }

  private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || isDigit(UInt8(scalar.value)))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Every `%` is followed by two hexadecimal digits.
  private static func hasValidEscapes(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.indices.allSatisfy { index in
      bytes[index] != UInt8(ascii: "%")
        || index + 2 < bytes.count && Character(Unicode.Scalar(bytes[index + 1])).isHexDigit
          && Character(Unicode.Scalar(bytes[index + 2])).isHexDigit
    }
  }
}
