import Glibc
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

  /// As accept(2) tells them on a socket that takes IPv4 and IPv6.
  @Test(arguments: [
    ("::ffff:10.0.0.7", "10.0.0.7:80"), ("fd00::7", "[fd00::7]:80"), ("::fffe:10.0.0.7", "[::fffe:a00:7]:80"),
    ("10.0.0.7", "10.0.0.7:80"),
  ])
  func `an IPv4 peer is told as one, whatever the socket`(_ host: String, _ expected: String) throws {
    var storage = sockaddr_storage()
    try SocketAddress(host: host, port: 80).withSystemAddress { address, length in
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: .init(start: address, count: Int(length))) }
    }
    #expect(SocketAddress(storage)?.description == expected)
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
