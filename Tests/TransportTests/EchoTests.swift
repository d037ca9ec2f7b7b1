import Foundation
import RealCluster
import Testing

@testable import Transport

@Suite struct EchoTests {
  /// Every address is reached by IPv4, which a machine has even when its IPv6 is switched off.
  @Test(arguments: ["127.0.0.1:0", ":0"])
  func `what a client sends comes back`(_ address: String) async throws {
    try await echo(on: address, to: "127.0.0.1")
  }

  @Test(.enabled(if: IPv6.isHere, "\(IPv6.need)"))
  func `what a client sends by IPv6 comes back`() async throws {
    try await echo(on: "[::1]:0", to: "::1")
    try await echo(on: ":0", to: "::1")
  }

  private func echo(on address: String, to host: String) async throws {
    let server = try await Server.start(on: address)
    let client = try PlainClient(try SocketAddress(host: host, port: server.address.port))
    for round in 0..<3 {
      await client.send("hello \(round)")
      #expect(await client.receiveText(7) == "hello \(round)")
    }
    client.close()
    #expect(await server.log.first("closed") == "closed closed here")
    await server.stop()
  }

  @Test func `a megabyte comes back whole`() async throws {
    let server = try await Server.start()
    let client = try PlainClient(server.address)
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    async let sent: Void = client.send(bytes)
    #expect(await client.receive(bytes.count) == bytes)
    await sent
    await server.stop()
  }
}
