import Glibc

/// Makes connections: resolves the name, connects, and with TLS verifies the server before anybody hears of
/// it.
package struct Dialer: Sendable {
  private let tls: TLSClientContext?
  private let limits: TransportLimits
  /// For name, connect and handshake together: Go's default for a dial, and under the API server's webhook
  /// timeout.
  private let within: Duration

  /// - Parameter tls: nil dials without TLS.
  package init(tls: TLSClientContext?, limits: TransportLimits = .init(), within: Duration = .seconds(10)) {
    self.tls = tls
    self.limits = limits
    self.within = within
  }

  /// Connects to `host` (a name or a numeric address), trying its addresses in order.
  ///
  /// - Parameters:
  ///   - serverName: what the server's certificate must be for; `host` if nil.
  ///   - limit: what whoever asks has left of its own time, if that may be less than the dialer's.
  /// - Returns: the connection, already opened: its handler has been told.
  /// - Throws: `resolve`, `connect`, `tlsHandshake`, `deadline`.
  package func connect(
    to host: String, port: UInt16, serverName: String? = nil, on loop: Loop,
    within limit: Duration? = nil, makeHandler: @escaping HandlerFactory
  ) async throws(TransportError) -> ConnectionHandle {
    let start = ContinuousClock.now, within = limit.map { min($0, self.within) } ?? self.within
    let addresses = try await Resolver.addresses(of: host, port: port, within: within)
    let identity = tls == nil ? nil : ServerIdentity(name: serverName ?? host)
    var last = TransportError(.resolve, "'\(host)' has no address")
    for (index, address) in addresses.enumerated() {
      // Each address gets an equal share of what is left, so that one silent address cannot use it all.
      let left = within - (ContinuousClock.now - start)
      guard left > .zero else {
        throw TransportError(.deadline, "no connection to \(host):\(port) within \(within)")
      }
      let share = left / (addresses.count - index)
      switch await dial(address, identity, on: loop, within: share, makeHandler) {
      case .success(let handle): return handle
      case .failure(let refusal): last = explain(refusal, host)
      }
      // A server that answered and is not trusted stays so at its next address.
      if last.code == .tlsHandshake { break }
    }
    throw last
  }

  private func dial(
    _ address: SocketAddress, _ identity: ServerIdentity?, on loop: Loop, within share: Duration,
    _ makeHandler: @escaping HandlerFactory
  ) async -> Result<ConnectionHandle, ConnectionRefusal> {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind, 0)
    guard descriptor >= 0 else { return .failure(refusal(address, errno)) }
    SocketOption.noDelay.set(on: descriptor, 1)
    Self.watchForSilence(descriptor)
    let code = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
    guard code == 0 || errno == EINPROGRESS else {
      defer { close(descriptor) }
      return .failure(refusal(address, errno))
    }
    let arrival = Arrival(
      descriptor: descriptor, peer: address, isConnecting: true, tls: tls?.context, identity: identity,
      within: share, limits: limits, seat: nil, makeHandler: makeHandler)
    return await withCheckedContinuation { continuation in
      loop.admit(arrival) { continuation.resume(returning: $0) }
    }
  }

  /// Whoever only listens on a connection hears nothing of a peer that is gone: the system asks for it, and
  /// ends the connection 25 s after the last sign of life.
  private static func watchForSilence(_ descriptor: Int32) {
    SocketOption.keepAliveIdle.set(on: descriptor, 10)
    SocketOption.keepAliveInterval.set(on: descriptor, 5)
    SocketOption.keepAliveCount.set(on: descriptor, 3)
    SocketOption.keepAlive.set(on: descriptor, 1)
  }

  private func refusal(_ address: SocketAddress, _ number: Int32) -> ConnectionRefusal {
    ConnectionRefusal(peer: address, reason: .connectFailed(describe(errno: number)))
  }

  private func explain(_ refusal: ConnectionRefusal, _ host: String) -> TransportError {
    let code: TransportError.Code =
      switch refusal.reason {
      case .handshakeFailed: .tlsHandshake
      case .handshakeTimeout: .deadline
      case .loopStopped: .stopped
      default: .connect
      }
    return TransportError(code, "cannot connect to \(host) at \(refusal.peer)", cause: "\(refusal.reason)")
  }
}
