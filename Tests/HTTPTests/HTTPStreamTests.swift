import Foundation
import Testing
import Transport

@testable import HTTP

/// Answers every request with the same bytes, and then says nothing more.
private final class Scripted: ConnectionHandler {
  let bytes: [UInt8]
  let closes: Bool
  init(_ bytes: [UInt8], closes: Bool) { (self.bytes, self.closes) = (bytes, closes) }
  func received(_: UnsafeRawBufferPointer, on connection: Connection) {
    connection.write(bytes)
    if closes { connection.close() }
  }
}

@Suite struct HTTPStreamTests {
  private static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func withStream(
    _ bytes: [UInt8], closes: Bool = false, silence: Duration = .seconds(30),
    _ body: (HTTPStream) async throws -> Void
  ) async throws {
    let loops = try LoopGroup(count: 1)
    let listener = try await Listener.start(on: try SocketAddress("127.0.0.1:0"), loops: loops, tls: nil) {
      _ in
      Scripted(bytes, closes: closes)
    }
    let client = HTTPStreamClient(
      host: "127.0.0.1", port: listener.address.port, tls: nil, loop: loops.loops[0])
    do {
      try await body(
        try await client.open(
          HTTPRequest(method: "GET", path: "/watch"), within: .seconds(10), silence: silence))
    } catch {
      await loops.stop()
      throw error
    }
    await loops.stop()
  }

  private func whole(_ stream: HTTPStream) async throws -> [UInt8] {
    var all: [UInt8] = []
    while let more = try await stream.next() { all += more }
    return all
  }

  @Test func `an answer in chunks is read while it comes`() async throws {
    let bytes = Array("\(Self.chunkedHead)3\r\nabc\r\n".utf8)
    try await withStream(bytes) { stream in
      #expect(stream.status == 200)
      let first = try await stream.next()
      #expect(first == Array("abc".utf8))
      stream.cancel()
      let error = await #expect(throws: HTTPClientError.self) { _ = try await stream.next() }
      #expect(error?.code == .cancelled)
    }
  }

  @Test(arguments: [
    ("\(chunkedHead)3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", false),
    ("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n", "no!\n", false),
    ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", true),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", false),
  ])
  func `every framing has its end`(answer: String, body: String, closes: Bool) async throws {
    try await withStream(Array(answer.utf8), closes: closes) { stream in
      let all = try await whole(stream)
      #expect(String(decoding: all, as: UTF8.self) == body)
    }
  }

  @Test func `a server that falls silent is noticed`() async throws {
    let bytes = Array("\(Self.chunkedHead)3\r\nabc\r\n".utf8)
    try await withStream(bytes, silence: .milliseconds(50)) { stream in
      let error = await #expect(throws: HTTPClientError.self) { _ = try await whole(stream) }
      #expect(error?.code == .timeout)
    }
  }

  @Test func `an answer that is cut off is no answer`() async throws {
    let bytes = Array("\(Self.chunkedHead)3\r\nab".utf8)
    try await withStream(bytes, closes: true) { stream in
      let error = await #expect(throws: HTTPClientError.self) { _ = try await whole(stream) }
      #expect(error?.code == .closed)
    }
  }

  @Test func `a reader that is late holds the server back and loses nothing`() async throws {
    let size = 8 << 20
    var bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".utf8)
    bytes += (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let expected = Array(bytes.suffix(size))
    try await withStream(bytes) { stream in
      try await Task.sleep(for: .milliseconds(50))
      let first = try await stream.next() ?? []
      #expect(first.count < size)
      let rest = try await whole(stream)
      #expect(first + rest == expected)
    }
  }

  @Test(arguments: [1, 7, 2048]) func `a recorded watch is the same however it is cut`(size: Int) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/api/watch-datavolumes-wire.http")
    let bytes = Array(try Data(contentsOf: file))
    var parser = HTTP1ResponseStream(limits: HTTPLimits()), body: [UInt8] = [], ends = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      let piece = Array(bytes[start..<min(start + size, bytes.count)])
      if try parser.read(piece.span, into: &body) { ends += 1 }
    }
    #expect(parser.head?.status == 200 && ends == 1)
    #expect(body.split(separator: 0x0a).allSatisfy { $0.first == 0x7b && $0.last == 0x7d })
    #expect(body.split(separator: 0x0a).count > 3)
  }
}
