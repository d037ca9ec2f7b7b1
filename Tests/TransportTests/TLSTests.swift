import Foundation
import Testing

@testable import Transport

/// What `openssl s_client`, which is not ours, sees of our server.
@Suite struct TLSTests {
  @Test func `TLS 1-3 with an AEAD suite is what a client gets by default`() async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    let seen = try await place.openssl(server, "-servername localhost -alpn h2")
    #expect(seen.contains("New, TLSv1.3, Cipher is TLS_AES_"))
    #expect(seen.contains("Verify return code: 0 (ok)"))
    #expect(seen.contains("ALPN protocol: h2"))
    #expect(await server.log.first("opened") == "opened h2")
    await server.stop()
  }

  @Test func `TLS 1-2 is refused unless it is allowed, and then has AEAD suites only`() async throws {
    let place = try Place()
    let strict = try await Server.start(tls: place.serverContext())
    #expect(try await place.openssl(strict, "-tls1_2").contains("alert protocol version"))
    #expect(await strict.log.first("refused")?.contains("unsupported protocol") == true)
    await strict.stop()
    let lax = try await Server.start(tls: place.serverContext { $0.minimumVersion = .tls12 })
    let seen = try await place.openssl(lax, "-tls1_2")
    #expect(seen.contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-AES") && seen.contains("GCM"))
    #expect(
      try await place.openssl(lax, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA").contains("handshake failure"))
    #expect(
      try await place.openssl(lax, "-tls1_1 -cipher ALL:@SECLEVEL=0").contains("alert protocol version"))
    await lax.stop()
  }

  @Test(arguments: [
    ("h2,http/1.1", "h2"), ("http/1.1,h2", "h2"), ("http/1.1", "http/1.1"), ("spdy/3,http/1.1", "http/1.1"),
  ])
  func `the server's most preferred protocol among the offered ones is chosen`(
    _ offered: String, _ expected: String
  ) async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    #expect(try await place.openssl(server, "-alpn \(offered)").contains("ALPN protocol: \(expected)\n"))
    await server.stop()
  }

  @Test func `no protocol in common ends the handshake, and no ALPN at all does not`() async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    #expect(try await place.openssl(server, "-alpn spdy/3").contains("no application protocol"))
    #expect(try await place.openssl(server, "").contains("No ALPN negotiated"))
    await server.stop()
  }

  @Test func `a session is resumed, with the one ticket that the server sends`() async throws {
    let place = try Place(),
      server = try await Server.start(tls: place.serverContext(), makeHandler: Scripted.farewell)
    let first = try await place.openssl(server, "-sess_out session.pem -ign_eof")
    #expect(first.components(separatedBy: "Post-Handshake New Session Ticket arrived").count == 2)
    let second = try await place.openssl(server, "-sess_in session.pem")
    #expect(second.contains("Reused, TLSv1.3"))
    await server.stop()
  }

  @Test func `the name that a client asks for is known to the handler`() async throws {
    let place = try Place()
    let server = try await Server.start(tls: place.serverContext()) { connection, log in
      log.note("asked for \(connection.serverName ?? "nothing") over \(connection.tlsVersion ?? "nothing")")
      return Echo(log)
    }
    _ = try await place.openssl(server, "-servername gate.clonegate.svc")
    #expect(await server.log.first("asked") == "asked for gate.clonegate.svc over TLSv1.3")
    await server.stop()
  }

  @Test func `renegotiation and compression are off`() async throws {
    let place = try Place()
    let server = try await Server.start(tls: place.serverContext { $0.minimumVersion = .tls12 })
    let seen = try await place.openssl(server, "-tls1_2", input: "<<'END'\nR\nEND")
    #expect(seen.contains("no renegotiation") && seen.contains("Compression: NONE"))
    await server.stop()
  }

  @Test func `bytes echo through a foreign client and both sides close properly`() async throws {
    let place = try Place()
    let server = try await Server.start(tls: place.serverContext()) { _, log in
      Scripted(log) { handler in
        var left = 306_250  // what od makes of the bytes below
        handler.onReceived = { bytes, connection in
          connection.write(bytes)
          left -= bytes.count
          if left == 0 { connection.close() }
        }
      }
    }
    try await place.shell("head -c 100000 /dev/urandom | od -An -tx1 >sent.txt")
    _ = try await place.openssl(server, "-quiet", input: "<sent.txt >echoed.txt 2>/dev/null")
    #expect(try await place.shell("cmp sent.txt echoed.txt") == "")
    #expect(await server.log.first("closed") == "closed closed here")
    await server.stop()
  }

  @Test func `a client that never finishes its handshake is cut off, silent or trickling`() async throws {
    let place = try Place()
    var limits = TransportLimits()
    limits.handshake = .milliseconds(100)
    let server = try await Server.start(tls: place.serverContext(), limits: limits)
    let silent = try PlainClient(server.address)
    #expect(await silent.receive(1).isEmpty)
    #expect(await server.log.first("refused") == "refused TLS handshake not finished in time")
    let trickling = try PlainClient(server.address)
    for byte: UInt8 in [22, 3, 1, 2, 0, 1, 0] {
      await trickling.send([byte])
      try await Task.sleep(for: .milliseconds(25))
    }
    #expect(await trickling.receive(1).isEmpty)
    #expect(server.log.all == Array(repeating: "refused TLS handshake not finished in time", count: 2))
    await server.stop()
  }

  @Test func `plain text to a TLS port is refused with a reason`() async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    let client = try PlainClient(server.address)
    await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    _ = await client.receive(100)
    #expect(await server.log.first("refused") == "refused TLS handshake failed: http request")
    await server.stop()
  }

  @Test func `a stream that ends without a TLS close is reported as truncated`() async throws {
    let place = try Place(), server = try await Server.start(tls: place.serverContext())
    let log = Journal()
    let handle = try await Dialer(tls: place.clientContext()).connect(
      to: "localhost", port: server.address.port, on: server.loops.loops[0]
    ) { _ in Listening(log) }
    await handle.loop.with(handle) { $0.write(Array("all read".utf8)) }
    _ = await log.first("all read")
    await handle.loop.with(handle) { $0.abort("without a word") }
    #expect(await server.log.first("closed") == "closed the peer's stream ended without a TLS close")
    await server.stop()
  }
}
