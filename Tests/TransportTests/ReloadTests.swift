import Foundation
import Testing

@testable import Transport

@Suite struct ReloadTests {
  @Test func `a renewed pair serves new connections while the old ones stay`() async throws {
    let place = try Place(), context = try place.serverContext()
    let server = try await Server.start(threads: 2, tls: context)
    let dialer = Dialer(tls: try place.clientContext()), log = Journal()
    let old = context.certificate.fingerprint
    func dial() async throws -> ConnectionHandle {
      try await dialer.connect(to: "localhost", port: server.address.port, on: server.loops.loops[0]) { _ in
        Listening(log)
      }
    }
    var handles: [ConnectionHandle] = []
    for _ in 0..<5 { handles.append(try await dial()) }
    // Connections come and go while the pair is renewed again and again.
    for round in 0..<5 {
      try place.issue("tls", by: place.authority, .init(hosts: ["localhost", "127.0.0.1"]))
      guard case .swapped(let info) = context.reload() else {
        Issue.record("not swapped")
        return
      }
      #expect(info.fingerprint != old)
      handles.append(try await dial())
      for (index, handle) in handles.enumerated() {
        await handle.loop.with(handle) { $0.write(Array("\(round)-\(index) ".utf8)) }
      }
    }
    let served = try await place.openssl(server, "-showcerts")
    #expect(served.contains("Verify return code: 0 (ok)"))
    let words = 6 + 7 + 8 + 9 + 10
    #expect(
      await eventually {
        log.all.flatMap { $0.split(separator: " ") }.filter { $0.contains("-") }.count == words
      })
    #expect(!log.all.contains { $0.hasPrefix("closed") })
    await server.stop()
  }

  @Test func `unchanged files change nothing`() throws {
    let place = try Place(), context = try place.serverContext()
    let before = context.context
    guard case .unchanged = context.reload() else {
      Issue.record("reloaded without a change")
      return
    }
    #expect(context.context === before)
  }

  @Test(arguments: ["mismatch", "broken certificate", "broken key", "empty", "missing"])
  func `unusable files keep the last good pair and say why`(_ fault: String) async throws {
    let place = try Place(), context = try place.serverContext()
    let good = context.certificate
    let expected: String
    switch fault {
    case "mismatch":
      try place.write(place.authority.issue(.init(hosts: ["localhost"])).key, "tls.key")
      expected = "does not belong to the certificate"
    case "broken certificate":
      try place.write(Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8), "tls.crt")
      expected = "broken certificate"
    case "broken key":
      try place.write(Array("no key".utf8), "tls.key")
      expected = "no readable private key"
    case "empty":
      try place.write([], "tls.crt")
      expected = "holds no PEM certificate"
    default:
      unlink(place.path("tls.crt"))
      expected = "cannot read"
    }
    guard case .kept(let error) = context.reload() else {
      Issue.record("took an unusable pair")
      return
    }
    #expect(error.description.contains(expected))
    #expect(context.certificate == good)
    let server = try await Server.start(tls: context)
    #expect(try await place.openssl(server, "").contains("Verify return code: 0 (ok)"))
    await server.stop()
  }
}

/// Writes down what it gets.
final class Listening: ConnectionHandler {
  let log: Journal
  init(_ log: Journal) { self.log = log }
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    log.note(String(decoding: bytes, as: UTF8.self))
  }
  func closed(_ reason: CloseReason, on connection: Connection) { log.note("closed \(reason)") }
}
