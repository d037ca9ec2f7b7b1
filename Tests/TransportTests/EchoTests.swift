import Foundation
import Testing

@testable import Transport

@Suite struct EchoTests {
  @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0"])
  func `what a client sends comes back`(_ address: String) async throws {
    let server = try await Server.start(on: address)
    let client = try PlainClient(server.address)
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
