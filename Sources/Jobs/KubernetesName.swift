/// Which names may become part of a path. Names come from strangers: they are checked here, where paths are
/// made, whoever else has checked them before.
enum KubernetesName {
  /// A namespace: a DNS label (RFC 1123).
  static func isLabel(_ name: some StringProtocol) -> Bool {
    let bytes = Array(name.utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard (1...63).contains(bytes.count), isAlphanumeric(bytes.first!), isAlphanumeric(bytes.last!) else {
      return false
    }
    return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// An object's name: labels joined by dots, 253 bytes at most; so never empty, `.`, `..` or with a slash.
  static func isSubdomain(_ name: String) -> Bool {
    guard (1...253).contains(name.utf8.count) else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      // Only the whole is bounded for a subdomain; a long label is cut to ask about its characters.
      label.utf8.count <= 63
        ? isLabel(label) : isLabel(label.prefix(62) + "a") && isLabel("a" + label.suffix(62))
    }
  }
}
