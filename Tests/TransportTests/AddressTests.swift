import Testing

@testable import Transport

@Suite struct AddressTests {
  @Test(arguments: [
    ("127.0.0.1:8443", "127.0.0.1:8443"), ("[::1]:8443", "[::1]:8443"), (":80", "[::]:80"),
    ("0.0.0.0:0", "0.0.0.0:0"),
  ])
  func `addresses are read and written`(_ text: String, _ expected: String) throws {
    #expect(try SocketAddress(text).description == expected)
  }

  @Test(arguments: [
    "", "8443", "localhost:8443", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]", "1.2.3:80",
  ])
  func `anything else is refused`(_ text: String) {
    #expect(throws: TransportError.self) { try SocketAddress(text) }
  }

  @Test func `a stopped loop does not listen`() async throws {
    let loops = try LoopGroup(count: 1)
    await loops.stop()
    let error = await #expect(throws: TransportError.self) {
      try await Listener.start(on: SocketAddress("127.0.0.1:0"), loops: loops, tls: nil) { _ in
        Listening(Journal())
      }
    }
    #expect(error?.code == .stopped)
  }

  @Test func `a port that is taken is named in the error`() async throws {
    let server = try await Server.start()
    let error = await #expect(throws: TransportError.self) {
      try await Listener.start(on: server.address, loops: server.loops, tls: nil) { _ in Listening(Journal())
      }
    }
    #expect(error?.code == .bind)
    #expect(error?.description.contains("\(server.address)") == true)
    await server.stop()
  }
}
