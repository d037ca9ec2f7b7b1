import Glibc
import Testing

@testable import Transport

@Suite struct DialerTests {
  private func dial(
    _ server: Server, _ dialer: Dialer, host: String = "127.0.0.1", name: String? = nil,
    log: Journal = Journal()
  ) async throws -> ConnectionHandle {
    try await dialer.connect(
      to: host, port: server.address.port, serverName: name, on: server.loops.loops[0]
    ) { _ in Listening(log) }
  }

  @Test(arguments: [("127.0.0.1", nil), ("localhost", nil), ("127.0.0.1", "localhost")])
  func `a server that the pinned authority vouches for is reached`(_ host: String, _ name: String?)
    async throws
  {
    let place = try Place(), server = try await Server.start(on: ":0", tls: place.serverContext())
    let log = Journal(), dialer = Dialer(tls: try place.clientContext(protocols: ["http/1.1"]))
    let handle = try await dial(server, dialer, host: host, name: name, log: log)
    let alpn = await handle.loop.with(handle) {
      $0.write(Array("hello".utf8))
      return $0.alpn
    }
    #expect(alpn == "http/1.1")
    #expect(await log.first("hello") != nil)
    await server.stop()
  }

  @Test func `a certificate for another name is refused`() async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    let dialer = Dialer(tls: try place.clientContext())
    let error = await #expect(throws: TransportError.self) {
      try await dial(server, dialer, name: "gate.example")
    }
    #expect(error?.code == .tlsHandshake && error?.description.contains("ostname mismatch") == true)
    await server.stop()
  }

  @Test func `an authority that is not the pinned one is refused, though the system may trust it`()
    async throws
  {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    try place.makeAuthority("other")
    let dialer = Dialer(tls: try place.clientContext("other.crt"))
    let error = await #expect(throws: TransportError.self) { try await dial(server, dialer) }
    #expect(error?.code == .tlsHandshake && error?.description.contains("issuer certificate") == true)
    await server.stop()
  }

  /// Not a question of trust: nobody should look for a wrong CA, and the same call may succeed later.
  @Test(arguments: [(true, "reset"), (false, "the peer closed it")])
  func `a handshake that is cut is told as a lost connection`(_ resets: Bool, _ cause: String) async throws {
    let place = try Place(), loop = try Loop()
    let cutter = try HandshakeCutter(resets: resets)
    let error = await #expect(throws: TransportError.self) {
      try await Dialer(tls: place.clientContext()).connect(to: "127.0.0.1", port: cutter.port, on: loop) {
        _ in
        Listening(Journal())
      }
    }
    let told = error?.description ?? ""
    #expect(error?.code == .connect && told.contains("during the TLS handshake") && told.contains(cause))
    await loop.stop()
  }

  @Test func `a port where nobody listens is an error at once`() async throws {
    let server = try await Server.start()
    await server.listener.stop()
    // The listening socket is closed when the loop lets go of it.
    let error = await #expect(throws: TransportError.self) {
      while true {
        let handle = try await dial(server, Dialer(tls: nil))
        await handle.loop.with(handle) { $0.close() }
      }
    }
    #expect(error?.code == .connect && error?.description.contains("refused") == true)
    await server.stop()
  }

  @Test func `a server that accepts and says nothing is given up in time`() async throws {
    let place = try Place(), server = try await Server.start()  // no TLS: it waits for us for ever
    let dialer = Dialer(tls: try place.clientContext(), within: .milliseconds(100))
    let mute = try await Listener.start(
      on: SocketAddress("127.0.0.1:0"), loops: server.loops, tls: nil,
      makeHandler: { _ in Scripted(server.log) })
    let error = await #expect(throws: TransportError.self) {
      try await dialer.connect(to: "127.0.0.1", port: mute.address.port, on: server.loops.loops[0]) { _ in
        Listening(server.log)
      }
    }
    #expect(error?.code == .deadline)
    await server.stop()
  }

  /// A label that no name may have: the resolver says so itself, and asks no server that may be silent.
  @Test func `a name that does not exist is an error of the resolver`() async throws {
    let loop = try Loop(), name = String(repeating: "x", count: 64) + ".invalid"
    let error = await #expect(throws: TransportError.self) {
      try await Dialer(tls: nil).connect(to: name, port: 1, on: loop) { _ in
        Listening(Journal())
      }
    }
    #expect(error?.code == .resolve)
    await loop.stop()
  }
}

/// Accepts one connection, waits for the first bytes of its handshake, and ends it.
private final class HandshakeCutter: Sendable {
  let port: UInt16
  private let descriptor: Int32

  /// - Parameter resets: with RST, as a process that died or a firewall does; else in good order.
  init(resets: Bool) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let any = try SocketAddress("127.0.0.1:0")
    #expect(any.withSystemAddress { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 1) == 0)
    (self.descriptor, port) = (descriptor, try #require(SocketAddress.local(of: descriptor)).port)
    SystemThread.detach {
      let accepted = accept(descriptor, nil, nil)
      var byte: UInt8 = 0
      // What is not read when the socket closes makes the system send RST.
      while recv(accepted, &byte, 1, 0) > 0, !resets {
        var pending: Int32 = 0
        guard ioctl(accepted, UInt(FIONREAD), &pending) == 0, pending > 0 else { break }
      }
      close(accepted)
    }
  }
  deinit { close(descriptor) }
}
