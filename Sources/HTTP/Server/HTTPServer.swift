internal import Synchronization
package import Transport

/// Serves HTTP/1.1 and, with TLS, HTTP/2 by ALPN.
///
///     let server = HTTPServer(configuration: .init(address: address), tls: context, loops: loops) {
///       request in
///       request.path == "/healthz" ? .now(.text("ok\n")) : .now(.failure(404, "no such path"))
///     }
///     let bound = try await server.start()
///     …
///     await server.drain(within: .seconds(25))
package final class HTTPServer: Sendable {
  private let core: HTTPServerCore
  private let tls: TLSServerContext?

  /// - Parameters:
  ///   - tls: nil serves plain HTTP/1.1.
  ///   - loops: where the connections live; several servers may share them. The caller stops them.
  ///   - observe: told what was refused or cut off, on a loop: it must not block.
  ///   - handler: called on a loop with each whole request: it must not block.
  package init(
    configuration: HTTPServerConfiguration, tls: TLSServerContext?, loops: LoopGroup,
    observe: @escaping @Sendable (HTTPServerEvent) -> Void = { _ in },
    handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) {
    core = HTTPServerCore(configuration, loops, observe: observe, handler: handler)
    self.tls = tls
  }

  /// Listens; returns the address, with the port that the system chose for port 0. Once only.
  package func start() async throws(TransportError) -> SocketAddress {
    let core = core
    let listener = try await Listener.start(
      on: core.configuration.address, loops: core.loops, tls: tls, limits: core.configuration.transport,
      refused: { core.observe(.connectionRefused($0)) },
      makeHandler: { connection in
        let peer = HTTPPeer(address: "\(connection.peer)", clientName: connection.clientName)
        return connection.alpn == "h2"
          ? HTTP2ServerConnection(core, peer) : HTTP1ServerConnection(core, peer)
      })
    core.listener.withLock { $0 = listener }
    return listener.address
  }

  /// Requests whose answers are being made by tasks.
  package var inFlight: Int { core.inFlight.load(ordering: .relaxed) }
  /// `retire` or `drain` has begun: not ready.
  package var isRetiring: Bool { core.endsConnections }
  /// `drain` has begun: nobody is let in.
  package var isDraining: Bool { core.isDraining }
  /// What the peers make the server hold, in memory; each connection counts for 16 KiB at least.
  package var heldBytes: Int { core.memory.bytes }
  package var connectionCount: Int { core.connections.load(ordering: .relaxed) }

  /// Goes on accepting and answering for so long, while those who send requests here hear that they should
  /// not: a load balancer that is late would otherwise meet a closed port. Each HTTP/1.1 answer ends its
  /// connection, so that the clients' pools are emptied by use, and `drain` meets few idle connections: one
  /// that is closed while a request is on its way loses it. Ends early when its task is cancelled.
  package func retire(for delay: Duration) async {
    core.stage.store(.retiring, ordering: .sequentiallyConsistent)
    try? await Task.sleep(for: delay)
  }

  /// Stops accepting, answers what is in flight and what is on its way, and closes. Returns when no
  /// connection is left, after `limit` at the latest; what is left then is cut off.
  /// - Returns: the number of connections that were cut off.
  @discardableResult
  package func drain(within limit: Duration) async -> Int {
    let start = ContinuousClock.now
    let listener = core.listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    core.stage.store(.announced, ordering: .sequentiallyConsistent)
    await listener?.stop()
    await core.forEachConnection { $0.announceDrain(on: $1) }
    // In full even if no connection is counted: one may be in its TLS handshake.
    try? await ContinuousClock().sleep(until: start + min(limit, core.configuration.deadlines.drainLinger))
    core.stage.store(.ending, ordering: .sequentiallyConsistent)
    await core.forEachConnection { $0.endDrain(on: $1) }
    await core.waitUntilEmpty(until: start + limit)
    let left = core.connections.load(ordering: .relaxed)
    await core.forEachConnection { $1.abort("the drain's time is up") }
    return left
  }
}
