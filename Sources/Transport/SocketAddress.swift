internal import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// The numeric address: `127.0.0.1`, `::1`.
  package let host: String
  package let port: UInt16
  package let isIPv6: Bool
  private let scope: UInt32

  /// Parses `127.0.0.1:8443`, `[::1]:8443`, or `:8443` (every address, IPv4 and IPv6). Names are not
  /// resolved here.
  package init(_ text: String) throws(TransportError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw TransportError(
        .address, "'\(text)' is not HOST:PORT; write for example 127.0.0.1:8443 or [::1]:8443")
    }
    var host = text[..<colon]
    if host.isEmpty { host = Self.everyHost[...] }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    try self.init(host: String(host), port: port)
  }

  /// `host` is a numeric address, without brackets.
  package init(host: String, port: UInt16) throws(TransportError) {
    var four = in_addr(), six = in6_addr()
    if inet_pton(AF_INET, host, &four) == 1 {
      isIPv6 = false
    } else if inet_pton(AF_INET6, host, &six) == 1 {
      isIPv6 = true
    } else {
      throw TransportError(.address, "'\(host)' is not an IPv4 or IPv6 address")
    }
    self.host = host
    self.port = port
    scope = 0
  }

  /// An IPv4 peer of a socket that takes both is told as what it is: `10.0.0.7`, not `::ffff:10.0.0.7`.
  init?(_ storage: sockaddr_storage) {
    var storage = storage
    let family = Int32(storage.ss_family)
    guard family == AF_INET || family == AF_INET6 else { return nil }
    let (text, port, scope): (String, UInt16, UInt32) = withUnsafePointer(to: &storage) { pointer in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
        let raw = UnsafeRawPointer(pointer)
        if family == AF_INET {
          var address = raw.assumingMemoryBound(to: sockaddr_in.self).pointee
          inet_ntop(AF_INET, &address.sin_addr, text.baseAddress!, socklen_t(text.count))
          return (String(cString: text.baseAddress!), UInt16(bigEndian: address.sin_port), 0)
        }
        var address = raw.assumingMemoryBound(to: sockaddr_in6.self).pointee
        inet_ntop(AF_INET6, &address.sin6_addr, text.baseAddress!, socklen_t(text.count))
        return (
          String(cString: text.baseAddress!), UInt16(bigEndian: address.sin6_port), address.sin6_scope_id
        )
      }
    }
    let isMapped = family == AF_INET6 && text.hasPrefix(Self.mapped) && text.contains(".")
    isIPv6 = family == AF_INET6 && !isMapped
    host = isMapped ? String(text.dropFirst(Self.mapped.count)) : text
    self.port = port
    self.scope = scope
  }

  /// Before an IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2), as inet_ntop writes it.
  private static let mapped = "::ffff:"
  /// Every address of the machine, IPv6 and IPv4.
  static let everyHost = "::"
  /// Every IPv4 address of the machine.
  static let everyIPv4Host = "0.0.0.0"

  package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

  /// Lends the address as the system wants it.
  func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    if isIPv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_scope_id = scope
      inet_pton(AF_INET6, host, &address.sin6_addr)
      return lend(&address, body)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return lend(&address, body)
  }

  private func lend<Address, Result>(
    _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafeBytes(of: &address) {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// The address that a descriptor is bound to.
  static func local(of descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    let code = withUnsafeMutableBytes(of: &storage) { bytes in
      var length = socklen_t(bytes.count)
      return getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return code == 0 ? SocketAddress(storage) : nil
  }
}
