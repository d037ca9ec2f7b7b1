import Foundation
import Synchronization
import Testing
import Transport

@testable import HTTP

@Suite struct HTTPClientTests {
  @Test(arguments: [false, true]) func `requests are answered over kept connections`(tls: Bool) async throws {
    let server = try await LiveServer.start(tls: tls)
    let client = try server.client(tls: tls)
    for index in 0..<20 {
      let path = index % 2 == 0 ? "/echo" : "/later"
      let body = Array(repeating: UInt8(index), count: index * 10_000)
      let answer = try await client.send(HTTPRequest(method: "POST", path: path, headers: .json, body: body))
      #expect(answer.status == 200 && answer.body == body)
      #expect(answer.headers["content-type"] == "application/json")
    }
    #expect(server.server.connectionCount == 1)
    await client.close()
    await server.stop()
  }

  @Test(arguments: [false, true]) func `the largest body goes there and back`(tls: Bool) async throws {
    // It is the size that counts here: a debug build takes its time, and gets little of a busy machine's.
    let server = try await LiveServer.start(tls: tls) { $0.deadlines.body = .seconds(300) }
    let client = try server.client(tls: tls) { $0.answer = .seconds(300) }
    let body = (0..<HTTPLimits().bodyBytes).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let answer = try await client.send(HTTPRequest(method: "POST", path: "/echo", body: body))
    #expect(answer.status == 200 && answer.body == body)
    let refused = try await client.send(HTTPRequest(method: "POST", path: "/echo", body: body + [0]))
    #expect(refused.status == 413)
    await server.stop()
  }

  @Test(arguments: [false, true]) func `many at once are each answered with their own`(tls: Bool) async throws
  {
    let server = try await LiveServer.start(tls: tls, threads: 2)
    let client = try server.client(tls: tls)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<300 {
        group.addTask {
          let path = index % 3 == 0 ? "/later" : "/echo"
          let body = Array("number \(index)".utf8)
          let answer = try await client.send(HTTPRequest(method: "POST", path: path, body: body))
          #expect(answer.body == body)
        }
      }
      try await group.waitForAll()
    }
    await server.stop()
  }

  @Test(arguments: [false, true]) func `answers come in any order`(tls: Bool) async throws {
    let server = try await LiveServer.start(tls: tls)
    let client = try server.client(tls: tls)
    _ = try await client.send(HTTPRequest(method: "GET", path: "/x"))
    let waits = [120, 80, 40, 1]
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for wait in waits {
        group.addTask {
          let request = HTTPRequest(method: "GET", path: "/slow", query: "\(wait)")
          return String(decoding: try await client.send(request).body, as: UTF8.self)
        }
        try await Task.sleep(for: .milliseconds(2))
      }
      return try await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(Set(answers) == Set(waits.map { "slow \($0)" }))
    await server.stop()
  }

  @Test func `a HEAD and a 204 leave the connection usable`() async throws {
    for tls in [false, true] {
      let server = try await LiveServer.start(tls: tls)
      let client = try server.client(tls: tls)
      #expect(try await client.send(HTTPRequest(method: "HEAD", path: "/x")).body.isEmpty)
      #expect(try await client.send(HTTPRequest(method: "GET", path: "/empty")).status == 204)
      #expect(try await client.send(HTTPRequest(method: "GET", path: "/x")).body == Array("GET /x 0".utf8))
      #expect(server.server.connectionCount == 1)
      await server.stop()
    }
  }

  @Test func `nothing listening is an error that says what to start`() async throws {
    let server = try await LiveServer.start()
    let client = try server.client()
    await server.stop()
    let loops = try LoopGroup(count: 1)
    let late = HTTPClient(host: "127.0.0.1", port: server.address.port, tls: nil, loop: loops.loops[0])
    _ = client
    let error = await #expect(throws: HTTPClientError.self) {
      try await late.send(HTTPRequest(method: "GET", path: "/"))
    }
    #expect(error?.code == .unreachable)
    #expect(
      error?.message
        == "nothing listens on 127.0.0.1:\(server.address.port): is clonegate serve running there?")
    await loops.stop()
  }

  @Test(arguments: ["/a b", "/x\r\nEvil: 1", "x", "/%zz", ""])
  func `a path that would break the request line is not sent`(path: String) async throws {
    let server = try await LiveServer.start()
    let client = try server.client()
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPRequest(method: "GET", path: path))
    }
    #expect(error?.code == .invalidRequest && server.server.connectionCount == 0)
    await server.stop()
  }

  @Test func `a server that is not trusted is not asked`() async throws {
    let server = try await LiveServer.start(tls: true)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "other-ca-\(UUID().uuidString)")
    try Data(try CertificateAuthority().certificatePEM()).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let client = HTTPClient(
      host: "127.0.0.1", port: server.address.port, tls: try TLSClientContext(authorities: folder.path),
      loop: server.loops.loops[0])
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPRequest(method: "GET", path: "/"))
    }
    #expect(error?.code == .untrusted)
    await server.stop()
  }

  @Test(arguments: [false, true]) func `an answer that does not come in time is given up`(tls: Bool)
    async throws
  {
    let server = try await LiveServer.start(tls: tls)
    let client = try server.client(tls: tls)
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(
        HTTPRequest(method: "GET", path: "/slow", query: "5000"), within: .milliseconds(100))
    }
    #expect(error?.code == .timeout)
    #expect(try await client.send(HTTPRequest(method: "GET", path: "/x")).status == 200)
    await server.stop()
  }

  /// The call's time, not the 10 s of a dial: what is behind it (a webhook) does not wait for longer.
  @Test func `a connection that is not made in time is given up`() async throws {
    let loops = try LoopGroup(count: 1)
    // No TLS: it waits for us for ever.
    let mute = try await Listener.start(on: SocketAddress("127.0.0.1:0"), loops: loops, tls: nil) { _ in
      Mute()
    }
    let client = HTTPClient(
      host: "127.0.0.1", port: mute.address.port, tls: try TestCertificates.shared.client(),
      loop: loops.loops[0])
    let start = ContinuousClock.now
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPRequest(method: "GET", path: "/"), within: .milliseconds(100))
    }
    #expect(error?.code == .timeout)
    #expect(ContinuousClock.now - start < .seconds(8))
    await mute.stop()
    await loops.stop()
  }

  private final class Mute: ConnectionHandler {
    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {}
  }

  @Test func `requests that a client gives up do not end its connection`() throws {
    let now = ContinuousClock.now
    let client = HTTP2ClientSession(limits: HTTPLimits(), at: now)
    _ = client.receive(RawFrames.settings().span, at: now)
    var preface: [UInt8] = []
    client.send(into: &preface, limit: .max)
    for _ in 0..<1000 {
      let request = HTTPRequest(method: "GET", path: "/")
      let id = try #require(client.begin(request, scheme: "https", authority: "api"))
      var out: [UInt8] = []
      client.send(into: &out, limit: .max)
      client.cancel(id)
      client.send(into: &out, limit: .max)
      #expect(RawFrames.describe(out).last == "RST/\(id) code=8")
    }
    let isOpen = client.receive(RawFrames.ping().span, at: now)
    #expect(client.cause == nil && isOpen)
  }

  @Test(arguments: [false, true]) func `a cancelled request ends at once`(tls: Bool) async throws {
    let server = try await LiveServer.start(tls: tls)
    let client = try server.client(tls: tls)
    let asked = Task { try await client.send(HTTPRequest(method: "GET", path: "/slow", query: "60000")) }
    while server.server.inFlight == 0 { try await Task.sleep(for: .milliseconds(5)) }
    asked.cancel()
    let error = await #expect(throws: HTTPClientError.self) { try await asked.value }
    #expect(error?.code == .cancelled)
    await server.server.drain(within: .milliseconds(10))
    await server.loops.stop()
  }

  @Test(arguments: [false, true]) func `an answer over the limit is refused`(tls: Bool) async throws {
    let server = try await LiveServer.start(tls: tls)
    let client = try server.client(tls: tls) { $0.bodyBytes = 1000 }
    let error = await #expect(throws: HTTPClientError.self) {
      try await client.send(HTTPRequest(method: "GET", path: "/big", query: "1001"))
    }
    #expect(error?.code == .tooLarge)
    #expect(try await client.send(HTTPRequest(method: "GET", path: "/big", query: "1000")).body.count == 1000)
    await server.stop()
  }

  /// A server that answers one request, then does what the case says to the next one on that connection.
  @Test(arguments: [("", true), ("HTTP/1.1 20", false)])
  func `a request lost on a kept connection is sent once more if no byte of an answer came`(
    bytes: String, isRepeated: Bool
  ) async throws {
    let loops = try LoopGroup(count: 1)
    let asked = Counter()
    let listener = try await Listener.start(on: SocketAddress("127.0.0.1:0"), loops: loops, tls: nil) { _ in
      Fickle(asked, bytes)
    }
    let client = HTTPClient(host: "127.0.0.1", port: listener.address.port, tls: nil, loop: loops.loops[0])
    #expect(try await client.send(HTTPRequest(method: "GET", path: "/1")).status == 200)
    if isRepeated {
      #expect(try await client.send(HTTPRequest(method: "GET", path: "/2")).status == 200)
    } else {
      let error = await #expect(throws: HTTPClientError.self) {
        try await client.send(HTTPRequest(method: "GET", path: "/2"))
      }
      #expect(error?.code == .closed)
    }
    #expect(asked.value == (isRepeated ? 3 : 2))
    await listener.stop()
    await loops.stop()
  }

  private final class Fickle: ConnectionHandler {
    private let asked: Counter
    private let bytes: String
    private var count = 0

    init(_ asked: Counter, _ bytes: String) {
      self.asked = asked
      self.bytes = bytes
    }

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
      asked.add(1)
      count += 1
      if count == 1 { return connection.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)) }
      connection.write(Array(self.bytes.utf8))
      connection.close()
    }
  }
}
