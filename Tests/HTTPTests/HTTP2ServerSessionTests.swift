import Testing

@testable import HTTP

/// What h2spec asks of a server, as far as it can be asked without a socket; section numbers are RFC 9113's.
@Suite struct HTTP2ServerSessionTests {
  typealias Raw = RawFrames

  @Test func `a request with a body is handed over whole and answered`() {
    let server = RawServer()
    let opening = server.frames(for: Raw.preface + Raw.settings())
    #expect(opening.first == "SETTINGS/0" && opening.contains("SETTINGS/0 ACK"))
    #expect(server.feed(Raw.headers(1, Raw.post + [("content-length", "5")], ends: false)).isEmpty)
    #expect(server.feed(Raw.data(1, Array("ab".utf8), ends: false)).isEmpty)
    #expect(server.frames(for: Raw.data(1, Array("cde".utf8))) == ["HEADERS/1", "DATA/1 END"])
    #expect(server.requests == ["POST /validate [host=gate|content-length=5] abcde"])
    #expect(server.session.isIdle && server.session.heldBytes == 0)
  }

  @Test func `every split of the bytes gives the same requests and the same answers`() {
    let bytes =
      Raw.preface + Raw.settings([(3, 100)]) + Raw.headers(1, Raw.get) + Raw.ping(7)
      + Raw.headers(3, Raw.post, ends: false) + Raw.data(3, Array("body".utf8), ends: false)
      + Raw.headers(3, [("x-trailer", "1")])
    let whole = RawServer()
    let frames = whole.frames(for: bytes)
    #expect(whole.requests.count == 2)
    for split in splits(bytes) {
      let server = RawServer()
      var output: [UInt8] = []
      for piece in split { output += server.feed(piece) }
      #expect(server.requests == whole.requests)
      #expect(Raw.describe(output).sorted() == frames.sorted())
    }
  }

  /// Bytes after the handshake, and the last frames that must come back.
  static let cases: [(String, [UInt8], String)] = [
    (
      "4.2 a frame over the announced size", Raw.frame(0, stream: 1, Array(repeating: 0, count: 16385)),
      "GOAWAY/0 last=0 code=6"
    ),
    (
      "4.3 a header block that cannot be decoded", Raw.frame(1, flags: 5, stream: 1, [0x40]),
      "GOAWAY/0 last=1 code=9"
    ),
    (
      "4.3 a frame between HEADERS and CONTINUATION", Raw.headers(1, Raw.get, whole: false) + Raw.ping(),
      "GOAWAY/0 last=1 code=1"
    ),
    ("5.1 DATA on an idle stream", Raw.data(1, [1]), "GOAWAY/0 last=0 code=1"),
    ("5.1 RST_STREAM on an idle stream", Raw.reset(1), "GOAWAY/0 last=0 code=1"),
    ("5.1 WINDOW_UPDATE on an idle stream", Raw.windowUpdate(1, 1), "GOAWAY/0 last=0 code=1"),
    (
      "5.1 CONTINUATION on an idle stream", Raw.continuation(1, Raw.get, whole: true),
      "GOAWAY/0 last=0 code=1"
    ),
    ("5.1.1 an even stream", Raw.headers(2, Raw.get), "GOAWAY/0 last=0 code=1"),
    (
      "5.1.1 a stream below the last one", Raw.headers(5, Raw.post, ends: false) + Raw.headers(3, Raw.get),
      "GOAWAY/0 last=5 code=1"
    ),
    ("5.4.1 and 6.1 DATA on stream 0", Raw.data(0, [1]), "GOAWAY/0 last=0 code=1"),
    (
      "6.1 padding longer than the frame",
      Raw.headers(1, Raw.post, ends: false) + Raw.frame(0, flags: 9, stream: 1, [9, 1]),
      "GOAWAY/0 last=1 code=1"
    ),
    ("6.2 HEADERS on stream 0", Raw.headers(0, Raw.get), "GOAWAY/0 last=0 code=1"),
    ("6.4 RST_STREAM on stream 0", Raw.reset(0), "GOAWAY/0 last=0 code=1"),
    (
      "6.4 RST_STREAM of 3 bytes",
      Raw.headers(1, Raw.post, ends: false) + Raw.frame(3, stream: 1, [0, 0, 0]), "GOAWAY/0 last=1 code=6"
    ),
    ("6.5 SETTINGS on a stream", Raw.frame(4, stream: 1), "GOAWAY/0 last=0 code=1"),
    ("6.5 SETTINGS of 5 bytes", Raw.frame(4, [0, 1, 0, 0, 0]), "GOAWAY/0 last=0 code=6"),
    ("6.5 an ACK with a payload", Raw.frame(4, flags: 1, [0, 1, 0, 0, 0, 0]), "GOAWAY/0 last=0 code=6"),
    ("6.5.2 ENABLE_PUSH 2", Raw.settings([(2, 2)]), "GOAWAY/0 last=0 code=1"),
    ("6.5.2 INITIAL_WINDOW_SIZE over 2^31-1", Raw.settings([(4, 1 << 31)]), "GOAWAY/0 last=0 code=3"),
    ("6.5.2 MAX_FRAME_SIZE 16383", Raw.settings([(5, 16383)]), "GOAWAY/0 last=0 code=1"),
    (
      "6.7 PING on a stream", Raw.frame(6, stream: 1, Array(repeating: 0, count: 8)), "GOAWAY/0 last=0 code=1"
    ),
    ("6.7 PING of 6 bytes", Raw.frame(6, Array(repeating: 0, count: 6)), "GOAWAY/0 last=0 code=6"),
    (
      "6.8 GOAWAY on a stream", Raw.frame(7, stream: 1, Array(repeating: 0, count: 8)),
      "GOAWAY/0 last=0 code=1"
    ),
    ("6.9 WINDOW_UPDATE of 0 for the connection", Raw.windowUpdate(0, 0), "GOAWAY/0 last=0 code=1"),
    ("6.9 WINDOW_UPDATE of 3 bytes", Raw.frame(8, [0, 0, 1]), "GOAWAY/0 last=0 code=6"),
    ("6.9.1 a connection window over 2^31-1", Raw.windowUpdate(0, 0x7fff_ffff), "GOAWAY/0 last=0 code=3"),
    (
      "6.9 WINDOW_UPDATE of 0 for a stream", Raw.headers(1, Raw.post, ends: false) + Raw.windowUpdate(1, 0),
      "GOAWAY/0 last=1 code=1"
    ),
    (
      "8.1 a second HEADERS without END_STREAM",
      Raw.headers(1, Raw.post, ends: false) + Raw.headers(1, [("x", "y")], ends: false), "RST/1 code=1"
    ),
    (
      "8.1.1 content-length that lies",
      Raw.headers(1, Raw.post + [("content-length", "3")], ends: false) + Raw.data(1, [1]), "RST/1 code=1"
    ),
    ("8.2 a field name in upper case", Raw.headers(1, Raw.get + [("X", "y")]), "RST/1 code=1"),
    (
      "8.2.2 a connection-specific field", Raw.headers(1, Raw.get + [("connection", "close")]), "RST/1 code=1"
    ),
    ("8.2.2 te other than trailers", Raw.headers(1, Raw.get + [("te", "gzip")]), "RST/1 code=1"),
    ("8.2.2 transfer-encoding", Raw.headers(1, Raw.get + [("transfer-encoding", "chunked")]), "RST/1 code=1"),
    ("8.3 a pseudo field that is not known", Raw.headers(1, Raw.get + [(":x", "y")]), "RST/1 code=1"),
    ("8.3 a pseudo field after a regular one", Raw.headers(1, [("x", "y")] + Raw.get), "RST/1 code=1"),
    ("8.3.1 :path given twice", Raw.headers(1, Raw.get + [(":path", "/")]), "RST/1 code=1"),
    ("8.3.1 no :path", Raw.headers(1, Raw.get.filter { $0.0 != ":path" }), "RST/1 code=1"),
    (
      "8.3.1 an empty :path", Raw.headers(1, Raw.get.map { $0.0 == ":path" ? (":path", "") : $0 }),
      "RST/1 code=1"
    ),
    ("8.3.1 no :method", Raw.headers(1, Raw.get.filter { $0.0 != ":method" }), "RST/1 code=1"),
    ("8.3.1 no :scheme", Raw.headers(1, Raw.get.filter { $0.0 != ":scheme" }), "RST/1 code=1"),
    ("8.3 :status in a request", Raw.headers(1, Raw.get + [(":status", "200")]), "RST/1 code=1"),
  ]

  @Test(arguments: cases) func `what breaks the protocol ends the stream or the connection`(
    name: String, bytes: [UInt8], expected: String
  ) {
    let server = RawServer()
    server.shakeHands()
    let frames = server.frames(for: bytes)
    #expect(frames.last == expected, "\(name): \(frames)")
    #expect(server.requests.isEmpty)
    #expect(server.isOpen == expected.hasPrefix("RST"))
  }

  @Test func `what is not HTTP/2 ends at once`() {
    let server = RawServer()
    server.feed(Array("GET / HTTP/1.1\r\nHost: gate\r\n\r\n".utf8))
    #expect(!server.isOpen)
  }

  @Test(
    arguments: [
      (Raw.get + [("host", "other")], 400), (Raw.get.map { $0.0 == ":path" ? (":path", "/%zz") : $0 }, 400),
      (Raw.post + [("content-length", "7340033")], 413), (Raw.post + [("expect", "200-ok")], 417),
      ([(":method", "CONNECT"), (":authority", "gate:1")], 501),
      (
        Raw.get + [
          ("x", String(repeating: "a", count: 16_000)), ("y", "b"), ("z", String(repeating: "c", count: 400)),
        ], 431
      ),
      (Raw.get + (1...101).map { ("x\($0)", "") }, 431),
    ] as [([(String, String)], Int)])
  func `what HTTP/1.1 refuses is refused with a Status`(fields: [(String, String)], status: Int) {
    let client = ClientReader()
    let server = RawServer()
    server.shakeHands()
    let block = Raw.block(fields)
    let ends: UInt8 = fields.contains { $0.0 == "content-length" } ? 0 : 1
    let first = Raw.frame(
      1, flags: ends | (block.count > 16_000 ? 0 : 4), stream: 1, Array(block.prefix(16_000)))
    let more = block.count > 16_000 ? Raw.frame(9, flags: 4, stream: 1, Array(block.dropFirst(16_000))) : []
    let answer = client.response(in: server.feed(first + more))
    #expect(answer?.status == status)
    #expect(answer.map { String(decoding: $0.body, as: UTF8.self).hasPrefix(#"{"kind":"Status""#) } == true)
    #expect(server.requests.isEmpty && server.isOpen)
  }

  @Test func `a body over the limit is answered 413 and the rest is not wanted`() {
    var limits = HTTPLimits()
    limits.bodyBytes = 10
    let server = RawServer(limits: limits)
    server.shakeHands()
    server.feed(Raw.headers(1, Raw.post, ends: false))
    let frames = server.frames(for: Raw.data(1, Array(repeating: 1, count: 11), ends: false))
    #expect(frames == ["HEADERS/1", "DATA/1 END"])
    #expect(server.feed(Raw.data(1, Array(repeating: 1, count: 100), ends: false)).isEmpty)
    #expect(server.session.expire(at: server.now + .milliseconds(999), HTTPDeadlines()).isEmpty)
    #expect(server.output().isEmpty && server.session.heldBytes < 2048)
    _ = server.session.expire(at: server.now + .seconds(1), HTTPDeadlines())
    #expect(Raw.describe(server.output()) == ["RST/1 code=0"])
    #expect(server.session.isIdle && server.isOpen)
  }

  @Test func `a client that waits for 100 is told to go on`() {
    let server = RawServer()
    server.shakeHands()
    #expect(
      server.frames(for: Raw.headers(1, Raw.post + [("expect", "100-continue")], ends: false)) == [
        "HEADERS/1"
      ])
    #expect(server.frames(for: Raw.data(1, [1])) == ["HEADERS/1", "DATA/1 END"])
  }

  @Test func `PING is answered`() {
    let server = RawServer()
    server.shakeHands()
    #expect(server.feed(Raw.ping(9)) == Raw.frame(6, flags: 1, Array(repeating: 9, count: 8)))
  }

  @Test func `draining lets streams begin until the announcement was read, then finishes what has begun`() {
    let server = RawServer()
    server.shakeHands()
    server.holdsAnswers = true
    server.feed(Raw.headers(1, Raw.get))
    server.session.announceShutdown()
    #expect(Raw.describe(server.output()).sorted() == ["GOAWAY/0 last=2130706687 code=0", "PING/0"].sorted())
    server.feed(Raw.headers(3, Raw.get))
    #expect(
      server.frames(for: Raw.frame(6, flags: 1, Array(repeating: 0, count: 8))) == ["GOAWAY/0 last=3 code=0"])
    server.feed(Raw.headers(5, Raw.get))
    #expect(server.requests.count == 2)
    for id in [Int32(1), 3] { server.session.respond(id, .json([]), date: server.date) }
    #expect(!server.session.isFinished)
    #expect(Raw.describe(server.output()) == ["HEADERS/1 END", "HEADERS/3 END"])
    #expect(server.session.isFinished)
  }
}

/// Reads the first answer out of what a server sends.
struct ClientReader {
  func response(in bytes: [UInt8]) -> HTTPResponse? {
    let now = ContinuousClock.now
    let client = HTTP2ClientSession(limits: HTTPLimits(), at: now)
    _ = client.begin(HTTPRequest(method: "POST", path: "/"), scheme: "https", authority: "gate")
    var out: [UInt8] = []
    client.send(into: &out, limit: .max)
    _ = client.receive((RawFrames.settings() + bytes).span, at: now)
    for case (1, .response(let response)) in client.takeFinished() { return response }
    return nil
  }
}
