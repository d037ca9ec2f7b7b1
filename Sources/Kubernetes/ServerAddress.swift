/// The URL of an API server, taken apart.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  package let isTLS: Bool
  /// A name or a numeric address, without brackets.
  package let host: String
  package let port: UInt16
  /// What stands before every path when the server is behind a proxy: `/k8s/clusters/c-1`; no slash at its
  /// end.
  package let path: String

  package init(isTLS: Bool, host: String, port: UInt16, path: String) {
    self.isTLS = isTLS
    self.host = host
    self.port = port
    self.path = path
  }

  /// Parses `https://HOST[:PORT][/PATH]`; a host alone means https, as kubectl has it.
  package init(_ url: String) throws(KubernetesError) {
    var rest = url[...]
    isTLS = !rest.hasPrefix("http://")
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = rest[slash...]
    while path.hasSuffix("/") { path = path.dropLast() }
    let authority = rest[..<slash]
    guard let (host, port) = Self.split(authority, isTLS ? 443 : 80),
      path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x3f && $0 != 0x23 })
    else { throw .unusable("'\(url)' is no address of an API server: write https://HOST:PORT") }
    self.host = host
    self.port = port
    self.path = String(path)
  }

  package var description: String {
    "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)"
  }

  private static func split(_ authority: Substring, _ defaultPort: UInt16) -> (String, UInt16)? {
    var (host, port) = (authority, Optional(defaultPort))
    if let close = authority.lastIndex(of: "]"), authority.hasPrefix("[") {
      host = authority[..<close].dropFirst()
      let rest = authority[authority.index(after: close)...]
      if !rest.isEmpty { port = rest.hasPrefix(":") ? UInt16(rest.dropFirst()) : nil }
    } else if let colon = authority.lastIndex(of: ":") {
      host = authority[..<colon]
      port = UInt16(authority[authority.index(after: colon)...])
    }
    let isName = host.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7f && ![0x2f, 0x3f, 0x40, 0x23, 0x5b, 0x5d].contains(byte)
    }
    guard let port, port > 0, !host.isEmpty, isName else { return nil }
    return (String(host), port)
  }
}
