internal import CLinux
import Glibc
import Synchronization

/// One listening socket. Its connections go to the least loaded loop of the group.
///
/// Not SO_REUSEPORT with a listener per loop: an API server holds a handful of long-lived connections, and
/// hashing those over loops leaves some idle while others carry several; a listener that closes would also
/// drop what the kernel had queued for it. Handing a connection to another loop costs one wake, a hundredth
/// of its handshake.
package final class Listener: Sendable {
  /// What is listened on, with the port that the system chose for port 0.
  package let address: SocketAddress
  private let loop: Loop
  private let token: UInt64

  private init(address: SocketAddress, loop: Loop, token: UInt64) {
    self.address = address
    self.loop = loop
    self.token = token
  }

  /// - Parameters:
  ///   - tls: nil serves without TLS.
  ///   - refused: connections that never got a handler (failed handshakes), and those over a limit.
  package static func start(
    on address: SocketAddress, loops: LoopGroup, tls: TLSServerContext?, limits: TransportLimits = .init(),
    refused: @escaping @Sendable (ConnectionRefusal) -> Void = { _ in }, makeHandler: @escaping HandlerFactory
  ) async throws(TransportError) -> Listener {
    let descriptor = try open(address, backlog: limits.backlog)
    let bound = SocketAddress.local(of: descriptor) ?? address
    let loop = loops.loops[0]
    let token: UInt64? = await loop.withReactor { reactor, loop in
      let acceptor = Acceptor(
        descriptor, loops: loops, home: loop, reactor, tls: tls, limits: limits, refused: refused,
        makeHandler: makeHandler)
      return loop.isStopped ? nil : acceptor.start()
    }
    guard let token else {
      throw TransportError(.stopped, "cannot listen on \(address): the event loop was stopped")
    }
    return Listener(address: bound, loop: loop, token: token)
  }

  /// Stops listening; the connections stay, and so does everyone who has begun to connect.
  package func stop() async {
    let token = self.token
    await loop.withReactor { reactor, _ in (reactor[token] as? Acceptor)?.dropNewcomers() }
    try? await Task.sleep(for: Self.handshake)
    await loop.withReactor { reactor, _ in reactor[token]?.stopped() }
  }

  /// The last packet of TCP's handshake is at most one way through the network behind: far less within a
  /// cluster.
  private static let handshake = Duration.milliseconds(50)

  private static func open(_ address: SocketAddress, backlog: Int32) throws(TransportError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    var (address, descriptor) = (address, socket(address.family, kind, 0))
    if descriptor < 0, errno == EAFNOSUPPORT, address.host == SocketAddress.everyHost {
      // A kernel without IPv6: every address that there is.
      address = try SocketAddress(host: SocketAddress.everyIPv4Host, port: address.port)
      descriptor = socket(address.family, kind, 0)
    }
    guard descriptor >= 0 else { throw .system("socket", errno, "cannot listen on \(address)", code: .bind) }
    SocketOption.reuseAddress.set(on: descriptor, 1)
    // `::` takes IPv4 too, whatever the system's default is.
    if address.isIPv6 {
      SocketOption.onlyIPv6.set(on: descriptor, address.host == SocketAddress.everyHost ? 0 : 1)
    }
    guard address.withSystemAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, backlog) == 0
    else {
      let number = errno
      close(descriptor)
      let hint = number == EADDRINUSE ? "; another process uses the port" : ""
      throw .system("bind", number, "cannot listen on \(address)\(hint)", code: .bind)
    }
    return descriptor
  }
}

/// The socket options in use, by what they do.
enum SocketOption {
  case reuseAddress, onlyIPv6, noDelay
  case keepAlive, keepAliveIdle, keepAliveInterval, keepAliveCount

  func set(on descriptor: Int32, _ value: Int32) {
    let (level, name): (Int32, Int32) =
      switch self {
      case .reuseAddress: (SOL_SOCKET, SO_REUSEADDR)
      case .onlyIPv6: (Int32(IPPROTO_IPV6), IPV6_V6ONLY)
      case .noDelay: (Int32(IPPROTO_TCP), TCP_NODELAY)
      case .keepAlive: (SOL_SOCKET, SO_KEEPALIVE)
      case .keepAliveIdle: (Int32(IPPROTO_TCP), TCP_KEEPIDLE)
      case .keepAliveInterval: (Int32(IPPROTO_TCP), TCP_KEEPINTVL)
      case .keepAliveCount: (Int32(IPPROTO_TCP), TCP_KEEPCNT)
      }
    var value = value
    setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
