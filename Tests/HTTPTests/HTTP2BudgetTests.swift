import Testing

@testable import HTTP

/// The known ways to make an HTTP/2 server work for nothing; each ends with GOAWAY(ENHANCE_YOUR_CALM).
@Suite struct HTTP2BudgetTests {
  typealias Raw = RawFrames

  private static func stream(_ index: Int) -> UInt32 { UInt32(index) * 2 + 1 }

  static let floods: [(String, @Sendable (Int) -> [UInt8])] = [
    ("rapid reset", { Raw.headers(stream($0), Raw.post, ends: false) + Raw.reset(stream($0)) }),
    (
      "made you reset by a window too large",
      { Raw.headers(stream($0), Raw.post, ends: false) + Raw.windowUpdate(stream($0), 0x7fff_ffff) }
    ),
    ("made you reset by malformed requests", { Raw.headers(stream($0), Raw.get + [("X", "y")]) }),
    ("SETTINGS", { _ in Raw.settings() }), ("PING", { _ in Raw.ping() }),
    ("PING ACK", { _ in Raw.frame(6, flags: 1, Array(repeating: 0, count: 8)) }),
    (
      "empty DATA",
      { ($0 == 0 ? Raw.headers(1, Raw.post, ends: false) : []) + Raw.data(1, [], ends: false) }
    ),
    ("PRIORITY", { _ in Raw.priority(1) }), ("WINDOW_UPDATE", { _ in Raw.windowUpdate(0, 1) }),
  ]

  @Test(arguments: floods) func `a flood is cut off`(name: String, frame: @Sendable (Int) -> [UInt8]) {
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    var last: [String] = []
    for index in 0..<5000 where server.isOpen { last = server.frames(for: frame(index)) }
    #expect(!server.isOpen, "\(name) went on")
    #expect(last.last.map { $0.hasPrefix("GOAWAY") && $0.hasSuffix("code=11") } == true, "\(name): \(last)")
  }

  @Test(arguments: floods) func `the same frames at a pace that honest peers have are not`(
    name: String, frame: @Sendable (Int) -> [UInt8]
  ) {
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    for index in 0..<600 {
      server.now += .milliseconds(250)
      server.feed(frame(index))
    }
    #expect(server.isOpen, "\(name) was cut off: \(server.session.cause ?? "-")")
  }

  @Test func `CONTINUATION without end is cut off`() {
    let server = RawServer()
    server.shakeHands()
    server.feed(Raw.headers(1, Raw.get, whole: false))
    for _ in 0..<20 where server.isOpen { server.feed(Raw.continuation(1, [("x", "y")], whole: false)) }
    #expect(!server.isOpen)
  }

  @Test func `a header block that unpacks to a multiple of its size is cut off`() {
    let server = RawServer()
    server.shakeHands()
    // One field of 4 KiB goes into the table, then is named a thousand times by one byte.
    let big = [UInt8(0x40)] + Raw.block([("x", String(repeating: "a", count: 4000))]).dropFirst()
    let block = Raw.block(Raw.get) + big + Array(repeating: 0xbe, count: 1000)
    server.feed(Raw.frame(1, flags: 5, stream: 1, block))
    #expect(!server.isOpen && server.requests.isEmpty)
  }

  @Test func `streams beyond the announced number end the connection and those before them are answered`() {
    var http2 = HTTP2Limits()
    http2.concurrentStreams = 2
    let server = RawServer(http2: http2)
    server.holdsAnswers = true
    server.shakeHands()
    let frames = server.frames(for: [1, 3, 5].flatMap { Raw.headers($0, Raw.get) })
    #expect(frames == ["GOAWAY/0 last=3 code=1"])
    #expect(server.requests.count == 2)
  }

  @Test func `a request that does not go on is answered 408 and a handler that does not answer is reported`()
  {
    let server = RawServer()
    server.holdsAnswers = true
    server.shakeHands()
    server.feed(
      Raw.headers(1, Raw.post, ends: false) + Raw.data(1, [1], ends: false) + Raw.headers(3, Raw.get))
    let deadlines = HTTPDeadlines()
    #expect(server.session.expire(at: server.now + .milliseconds(4900), deadlines).isEmpty)
    #expect(server.feed([]).isEmpty)
    #expect(server.session.expire(at: server.now + .seconds(6), deadlines).isEmpty)
    #expect(RawFrames.describe(server.feed([])) == ["HEADERS/1", "DATA/1 END"])
    #expect(server.session.expire(at: server.now + .seconds(31), deadlines).map(\.id) == [3])
  }

  @Test func `an answer that the peer does not take is given up`() {
    let server = RawServer()
    server.holdsAnswers = true
    server.feed(Raw.preface + Raw.settings([(4, 0)]) + Raw.settingsAck)
    server.feed(Raw.headers(1, Raw.get))
    server.session.respond(1, .json([1, 2, 3]), date: server.date)
    #expect(RawFrames.describe(server.output()) == ["HEADERS/1"])
    _ = server.session.expire(at: server.now + .seconds(31), HTTPDeadlines())
    #expect(RawFrames.describe(server.output()) == ["RST/1 code=8"])
    #expect(server.session.isIdle)
  }
}
