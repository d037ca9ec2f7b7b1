import Testing
import Transport

@testable import HTTP

/// What strangers can make a server hold.
@Suite struct HTTPMemoryTests {
  typealias Raw = RawFrames

  private let long: [(String, String)] = (1...4).map { ("x\($0)", String(repeating: "a", count: 3700)) }

  @Test func `a small share is always had, more only while there is more`() {
    let memory = HTTPMemory(limit: 10 * HTTPMemoryShare.piece)
    var small = HTTPMemoryShare(), large = HTTPMemoryShare()
    small.hold(0, memory)
    #expect(memory.bytes == HTTPMemoryShare.piece && small.isSmall)
    let pieces = [9 * HTTPMemoryShare.piece, 9 * HTTPMemoryShare.piece + 1]
    let before = [large.hold(pieces[0], memory), memory.isShort]
    #expect(before == [true, false])
    // Rounded up; what is there is counted all the same; and then it is no more than before.
    let over = [large.hold(pieces[1], memory), large.hold(pieces[1], memory)]
    #expect(over == [false, true] && memory.isShort && memory.bytes == 11 * HTTPMemoryShare.piece)
    var other = HTTPMemoryShare()
    let others = [
      small.hold(HTTPMemoryShare.piece, memory), small.hold(HTTPMemoryShare.piece + 1, memory),
      other.hold(5, memory),
    ]
    #expect(others == [true, false, true])
    for share in [small, large, other] {
      var share = share
      share.release(memory)
    }
    #expect(memory.bytes == 0)
  }

  @Test func `heads count until they are handed over, and what few bytes announce does not`() {
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    server.feed(Raw.headers(1, Raw.post + long, ends: false))
    #expect(server.session.heldBytes > 4 * 3700)
    server.feed(Raw.data(1, []))
    #expect(server.requests.count == 1 && server.session.heldBytes < 2048)
    let announced = Raw.post + [("content-length", "7340032")]
    server.feed(Raw.headers(3, announced, ends: false) + Raw.data(3, [1], ends: false))
    #expect(server.session.heldBytes < 4096)
    server.feed(Raw.reset(1) + Raw.reset(3))
    #expect(server.session.heldBytes == 0)
  }

  @Test func `an answer counts until the peer has taken it`() {
    let server = RawServer()
    server.holdsAnswers = true
    server.feed(Raw.preface + Raw.settings([(4, 0)]) + Raw.settingsAck)
    server.feed(Raw.headers(1, Raw.get))
    server.session.respond(1, .json(Array(repeating: 0x20, count: 50_000)), date: server.date)
    _ = server.output()
    #expect(server.session.heldBytes > 50_000)
    server.feed(Raw.windowUpdate(1, 50_000))
    #expect(server.session.isIdle && server.session.heldBytes == 0)
  }

  @Test func `when memory is short what is not whole is let go, with an answer that says when to come again`()
  {
    let client = ClientReader()
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    server.feed(Raw.headers(1, Raw.post + long, ends: false) + Raw.data(1, [1, 2], ends: false))
    server.session.refuseUnfinished(.overloaded)
    let answer = client.response(in: server.feed([]))
    #expect(answer?.status == 503 && answer?.headers["retry-after"] == "1")
    #expect(server.session.heldBytes < 2048)
  }

  /// An API server sends them again; it must not lose the streams that it has.
  @Test func `when memory is short streams are refused unread, however many, and nothing is kept of them`() {
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    server.feed(Raw.headers(1, Raw.post, ends: false))
    let before = server.session.heldBytes
    server.session.refusesStreams = true
    for stream in stride(from: UInt32(3), to: 3000, by: 2) {
      let frames = server.frames(for: Raw.headers(stream, Raw.post + long, ends: false))
      #expect(frames == ["RST/\(stream) code=7"])
    }
    #expect(server.isOpen && server.session.streams.count == 1 && server.session.heldBytes == before)
    server.session.refusesStreams = false
    server.feed(Raw.data(1, []) + Raw.headers(3001, Raw.get))
    #expect(server.requests.count == 2)
  }

  /// As when the API server is asked for every one of them and is gone.
  @Test(arguments: [false, true]) func `bodies count until they are answered`(tls: Bool) async throws {
    let server = try await LiveServer.start(tls: tls) { $0.limits.heldBytes = 2 * 1024 * 1024 }
    let client = try server.client(tls: tls)
    let request = HTTPRequest(method: "POST", path: "/held", body: Array(repeating: 1, count: 300_000))
    let (most, refused) = (Counter(), Counter())
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<30 {
        group.addTask {
          let answer = try await client.send(request)
          if answer.status == 503 {
            #expect(answer.headers["retry-after"] == "1")
            refused.add(1)
          }
          return answer.status
        }
      }
      // Whoever is not refused is in the handler's hands then.
      while server.server.inFlight + refused.value < 30 { try await Task.sleep(for: .milliseconds(5)) }
      most.add(server.server.heldBytes)
      server.latch.open()
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(Set(statuses) == [200, 503])
    #expect(most.value > 1024 * 1024 && most.value < 4 * 1024 * 1024)
    await client.close()
    while server.server.heldBytes > 0 { try await Task.sleep(for: .milliseconds(5)) }
    await server.stop()
  }

  @Test func `what a peer does not read counts until it is gone`() async throws {
    let server = try await LiveServer.start { $0.transport.stall = .milliseconds(500) }
    let silent = try RawClient(server.address)
    silent.send("GET /big?30000000 HTTP/1.1\r\nHost: g\r\n\r\n")
    while server.server.heldBytes < 10_000_000 { try await Task.sleep(for: .milliseconds(5)) }
    while server.server.heldBytes > 0 { try await Task.sleep(for: .milliseconds(5)) }
    withExtendedLifetime(silent) {}
    await server.stop()
  }
}
