import Testing

@testable import HTTP

/// What a parser said, in a form that can be compared.
func events(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) -> [String] {
  var parser = HTTP1Parser(limits: limits)
  var said: [String] = []
  for piece in pieces {
    var rest = piece[...]
    while !rest.isEmpty {
      let (consumed, event) = parser.read(rest.span)
      rest = rest.dropFirst(consumed)
      switch event {
      case .more: break
      case .head(let expects): said.append("head expects=\(expects)")
      case .request(let request, let keeps): said.append(describe(request) + " keeps=\(keeps)")
      case .refused(let refusal): return said + ["\(refusal.status) \(refusal.message)"]
      }
    }
  }
  return said
}

func describe(_ request: HTTPRequest) -> String {
  let fields = request.headers.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
  return "\(request.method) \(request.target) [\(fields)] \(String(decoding: request.body, as: UTF8.self))"
}

/// Every way to cut the bytes in two, and every byte on its own.
func splits(_ bytes: [UInt8]) -> [[[UInt8]]] {
  (1..<max(2, bytes.count)).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}

private let host = "Host: gate\r\n"

private let chunkedHead = "POST /v HTTP/1.1\r\n\(host)Transfer-Encoding: Chunked\r\n\r\n"
private let twoChunks = "\(chunkedHead)3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n"
private let trailerAndNext = "\(chunkedHead)000\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n"

@Suite struct HTTP1ParserTests {
  static let accepted: [(String, [String])] = [
    ("GET / HTTP/1.1\r\n\(host)\r\n", ["GET / [host=gate]  keeps=true"]),
    ("\r\nGET / HTTP/1.1\r\n\(host)\r\n", ["GET / [host=gate]  keeps=true"]),
    ("GET /a%20b?x=1?y HTTP/1.1\r\nHOST:gate\r\n\r\n", ["GET /a%20b?x=1?y [host=gate]  keeps=true"]),
    (
      "GET / HTTP/1.1\r\n\(host)Connection: x, Close\r\n\r\n",
      ["GET / [host=gate|connection=x, Close]  keeps=false"]
    ),
    ("GET / HTTP/1.0\r\n\r\n", ["GET / []  keeps=false"]),
    ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", ["GET / [connection=keep-alive]  keeps=false"]),
    ("OPTIONS * HTTP/1.1\r\n\(host)\r\n", ["OPTIONS * [host=gate]  keeps=true"]),
    ("GET https://other:8443?q HTTP/1.1\r\n\(host)\r\n", ["GET /?q [host=other:8443]  keeps=true"]),
    (
      "GET / HTTP/1.1\r\n\(host)X: \t a b \t\r\nEmpty:\r\n\r\n",
      ["GET / [host=gate|x=a b|empty=]  keeps=true"]
    ),
    (
      "POST /v HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\(host)\r\n",
      [
        "head expects=false", "POST /v [host=gate|content-length=3] abc keeps=true",
        "GET / [host=gate]  keeps=true",
      ]
    ),
    (
      "POST /v HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n",
      ["POST /v [host=gate|content-length=0]  keeps=true"]
    ),
    (
      "POST /v HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\nabc",
      [
        "head expects=true",
        "POST /v [host=gate|content-length=3|content-length=3|expect=100-Continue] abc keeps=true",
      ]
    ),
    (
      twoChunks,
      ["head expects=false", "POST /v [host=gate|transfer-encoding=Chunked] abc0123456789 keeps=true"]
    ),
    (
      trailerAndNext,
      [
        "head expects=false", "POST /v [host=gate|transfer-encoding=Chunked]  keeps=true",
        "GET / [host=gate]  keeps=true",
      ]
    ),
  ]

  @Test(arguments: accepted) func `a well-formed request is read the same in every split`(
    bytes: String, expected: [String]
  ) {
    let bytes = Array(bytes.utf8)
    #expect(events([bytes]) == expected)
    for split in splits(bytes) { #expect(events(split) == expected) }
  }

  static let post = "POST /v HTTP/1.1\r\n\(host)"
  static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
  static let refused: [(String, Int, String)] = [
    ("GET / HTTP/1.1\n\(host)\r\n", 400, "LF alone"),
    ("GET / HTTP/1.1\r\nHost: gate\n\r\n", 400, "LF alone"),
    ("GET / HTTP/1.1\r\nHost: gate\r\r\n\r\n", 400, "CR stands alone"),
    ("GET / HTTP/1.1\r\n\(host)\r x\r\n\r\n", 400, "CR stands alone"),
    ("\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", 400, "no method"),
    (" GET / HTTP/1.1\r\n\(host)\r\n", 400, "no method"),
    ("GET  / HTTP/1.1\r\n\(host)\r\n", 400, "request target"),
    ("GET / HTTP/1.1 \r\n\(host)\r\n", 400, "does not end with"),
    ("GET /\r\n\(host)\r\n", 400, "request target"),
    ("GET / http/1.1\r\n\(host)\r\n", 400, "does not end with"),
    ("GET / HTTP/1.2\r\n\(host)\r\n", 505, "version"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"),
    ("G@T / HTTP/1.1\r\n\(host)\r\n", 400, "no method"),
    (String(repeating: "G", count: 33) + " / HTTP/1.1\r\n\(host)\r\n", 501, "method"),
    ("CONNECT gate:443 HTTP/1.1\r\n\(host)\r\n", 501, "proxy"),
    ("GET gate HTTP/1.1\r\n\(host)\r\n", 400, "starts with /"),
    ("GET * HTTP/1.1\r\n\(host)\r\n", 400, "starts with /"),
    ("GET /a b HTTP/1.1\r\n\(host)\r\n", 400, "does not end with"),
    ("GET /#f HTTP/1.1\r\n\(host)\r\n", 400, "not allowed"),
    ("GET /\u{e9} HTTP/1.1\r\n\(host)\r\n", 400, "not allowed"),
    ("GET /%4 HTTP/1.1\r\n\(host)\r\n", 400, "hexadecimal"),
    ("GET http://us@r/ HTTP/1.1\r\n\(host)\r\n", 400, "authority"),
    ("GET / HTTP/1.1\r\n\r\n", 400, "Host is missing"),
    ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", 400, "given twice"),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "host name"),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "host name"),
    ("GET / HTTP/1.1\r\n\(host)X: a\r\n b\r\n\r\n", 400, "folded"),
    ("GET / HTTP/1.1\r\n X: a\r\n\(host)\r\n", 400, "folded"),
    ("GET / HTTP/1.1\r\n\(host)X : a\r\n\r\n", 400, "before the colon"),
    ("GET / HTTP/1.1\r\n\(host)X\r\n\r\n", 400, "field name"),
    ("GET / HTTP/1.1\r\n\(host): a\r\n\r\n", 400, "field name"),
    ("GET / HTTP/1.1\r\n\(host)X: a\u{0}b\r\n\r\n", 400, "control"),
    ("GET / HTTP/1.1\r\n\(host)X: a\u{7f}\r\n\r\n", 400, "control"),
    (post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "together"),
    (post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400, "together"),
    (post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400, "differ"),
    (post + "Content-Length: 3, 3\r\n\r\n", 400, "no number"),
    (post + "Content-Length: +3\r\n\r\n", 400, "no number"),
    (post + "Content-Length: -3\r\n\r\n", 400, "no number"),
    (post + "Content-Length: 0x3\r\n\r\n", 400, "no number"),
    (post + "Content-Length:\r\n\r\n", 400, "no number"),
    (post + "Content-Length: 99999999999999999999\r\n\r\n", 400, "no number"),
    (post + "Content-Length: 7340033\r\n\r\n", 413, "7340032 bytes"),
    (post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "chunked"),
    (post + "Transfer-Encoding: identity\r\n\r\n", 501, "chunked"),
    (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "twice"),
    (post + "Transfer-Encoding: \u{b}chunked\r\n\r\n", 400, "control"),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"),
    (post + "Expect: 200-ok\r\nContent-Length: 3\r\n\r\n", 417, "100-continue"),
    (chunked + "\r\n", 400, "malformed"),
    (chunked + "g\r\n", 400, "malformed"),
    (chunked + " 3\r\nabc\r\n", 400, "malformed"),
    (chunked + "3 \r\nabc\r\n", 400, "malformed"),
    (chunked + "0x3\r\nabc\r\n", 400, "malformed"),
    (chunked + "-3\r\nabc\r\n", 400, "malformed"),
    (chunked + "3\nabc\r\n", 400, "malformed"),
    (chunked + "3\r\nabcd\r\n", 400, "malformed"),
    (chunked + "3\r\nabc\n0\r\n\r\n", 400, "malformed"),
    (chunked + "3;a\nb\r\nabc\r\n", 400, "malformed"),
    (chunked + "0000000000000003\r\nabc\r\n", 400, "malformed"),
    (chunked + "FFFFFFFFFFFFFFFF\r\n", 400, "malformed"),
    (chunked + "0\r\nX\r\n\r\n", 400, "field name"),
    (chunked + "0\r\nX: a\n\r\n", 400, "LF alone"),
    (chunked + "0\r\nContent-Length: x\r\n\r\n", 400, "no number"),
  ]

  @Test(arguments: refused)
  func `what two parsers could read differently is refused, the same in every split`(
    bytes: String, status: Int, word: String
  ) {
    let bytes = Array(bytes.utf8)
    let whole = events([bytes])
    #expect(whole.last?.hasPrefix("\(status) ") == true && whole.last?.contains(word) == true, "\(whole)")
    for split in splits(bytes) { #expect(events(split) == whole) }
  }

  @Test func `a head is read up to its limit and refused beyond`() {
    var limits = HTTPLimits()
    limits.headBytes = 64
    let head = "GET / HTTP/1.1\r\n\(host)X: "
    let fits = Array((head + String(repeating: "a", count: 64 - head.utf8.count - 4) + "\r\n\r\n").utf8)
    let over = Array((head + String(repeating: "a", count: 65 - head.utf8.count - 4) + "\r\n\r\n").utf8)
    for split in [[fits]] + splits(fits) { #expect(events(split, limits: limits).count == 1) }
    for split in [[over]] + splits(over) {
      #expect(
        events(split, limits: limits) == ["431 the head is over 64 bytes: send fewer or shorter fields"])
    }
    let endless = Array((head + String(repeating: "a", count: 1000)).utf8)
    #expect(events([endless], limits: limits).first?.hasPrefix("431") == true)
  }

  @Test func `fields are counted`() {
    func head(_ fields: Int) -> [UInt8] {
      Array(("GET / HTTP/1.1\r\n\(host)" + String(repeating: "a: b\r\n", count: fields - 1) + "\r\n").utf8)
    }
    #expect(events([head(100)]).first?.hasPrefix("GET") == true)
    #expect(events([head(101)]).first?.hasPrefix("431") == true)
  }

  @Test func `a chunked body is read up to its limit and refused beyond`() {
    var limits = HTTPLimits()
    limits.bodyBytes = 10
    func body(_ text: String) -> [UInt8] { Array((Self.chunked + text).utf8) }
    #expect(events([body("5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n")], limits: limits).count == 2)
    #expect(
      events([body("5\r\n12345\r\n6\r\n678901\r\n0\r\n\r\n")], limits: limits).last?.hasPrefix("413") == true)
    #expect(events([body("FFFFFFFFFFFFFFF\r\n01234567890")], limits: limits).last?.hasPrefix("413") == true)
  }

  @Test func `endless chunk extensions and one-byte chunks with long ones are refused`() {
    let endless = Array((Self.chunked + "1;" + String(repeating: "a", count: 20_000)).utf8)
    #expect(events([endless]).last?.contains("more chunk framing than data") == true)
    let padded = Array(
      (Self.chunked + String(repeating: "1;" + String(repeating: "a", count: 60) + "\r\nx\r\n", count: 1000))
        .utf8)
    #expect(events([padded]).last?.contains("more chunk framing than data") == true)
    let honest = Array((Self.chunked + String(repeating: "1\r\nx\r\n", count: 20_000) + "0\r\n\r\n").utf8)
    #expect(events([honest]).last?.hasPrefix("POST /v") == true)
  }

  @Test func `after a refusal nothing is read any more`() {
    var parser = HTTP1Parser()
    _ = parser.read(Array("GET /\r\n\r\n".utf8).span)
    let (consumed, event) = parser.read(Array("GET / HTTP/1.1\r\n\(host)\r\n".utf8).span)
    guard case .refused = event else { return #expect(Bool(false), "read on: \(event)") }
    #expect(consumed == 16 + host.utf8.count + 2)
  }
}
