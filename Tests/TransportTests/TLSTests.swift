import Foundation
import Testing

@testable import Transport

@Suite struct TLSTests {
  @Test func `our client and our server agree on TLS 1-3 and the first protocol both know`() async throws {
    let place = try Place()
    let context = try place.serverContext()
    let server = try await Server.start(tls: context)
    let client = Journal()
    let dialer = Dialer(tls: try TLSClientContext(authorities: place.path("ca.crt"), protocols: ["http/1.1"]))
    let handle = try await dialer.connect(
      to: "127.0.0.1", port: server.address.port, on: server.loops.loops[0]
    ) { _ in Listening(client) }
    let version = await handle.loop.with(handle) { connection in
      connection.write(Array("over TLS".utf8))
      return connection.tlsVersion
    }
    #expect(version == "TLSv1.3")
    #expect(await client.first("got over TLS") != nil)
    #expect(server.log.all.contains("opened http/1.1"))
    await server.stop()
  }
}

/// Writes down what it gets.
final class Listening: ConnectionHandler {
  let log: Journal
  init(_ log: Journal) { self.log = log }
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    log.note("got \(String(decoding: bytes, as: UTF8.self))")
  }
  func closed(_ reason: CloseReason, on connection: Connection) { log.note("closed \(reason)") }
}

/// A directory with certificates in it, gone with the object.
final class Place: Sendable {
  let directory: String
  init() throws {
    var template = Array("/tmp/clonegate-transport-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
    try shell(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=test-ca -days 2 2>&1 && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.csr -subj /CN=localhost 2>&1 && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' > ext && openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tls.crt -days 2 -extfile ext 2>&1"
    )
  }
  deinit { try? FileManager.default.removeItem(atPath: directory) }
  func path(_ name: String) -> String { "\(directory)/\(name)" }
  func serverContext() throws -> TLSServerContext {
    try TLSServerContext(.init(certificate: path("tls.crt"), key: path("tls.key")))
  }
  @discardableResult
  func shell(_ command: String) throws -> String {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}
