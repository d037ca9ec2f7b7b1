import Testing

@testable import HTTP

private func answers(
  _ pieces: [[UInt8]], toHead: Bool = false, limits: HTTPLimits = HTTPLimits()
) -> [String] {
  var parser = HTTP1ResponseParser(limits: limits, answersHead: toHead)
  for piece in pieces {
    var rest = piece[...]
    while !rest.isEmpty {
      let (consumed, event) = parser.read(rest.span)
      rest = rest.dropFirst(consumed)
      switch event {
      case .more: break
      case .response(let response, let keeps): return [describe(response) + " keeps=\(keeps)"]
      case .refused(let refusal): return ["refused \(refusal.message)"]
      }
    }
  }
  return parser.end().map { ["\(describe($0)) at the end"] } ?? ["cut short"]
}

private func describe(_ response: HTTPResponse) -> String {
  "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
}

private let interim = """
  HTTP/1.1 100 Continue\r
  \r
  HTTP/1.1 201 Created\r
  Transfer-Encoding: chunked\r
  \r
  2\r
  ok\r
  0\r
  \r

  """

@Suite struct HTTP1ResponseTests {
  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok keeps=true"),
    ("HTTP/1.1 200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "200  keeps=false"),
    ("HTTP/1.1 204 No Content\r\n\r\n", "204  keeps=true"),
    (
      interim,
      "201 ok keeps=true"
    ),
    ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "200 until the end at the end"),
    ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok keeps=false"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\ncut", "cut short"),
    ("HTTP/1.1 200 OK\r\nContent-Le", "cut short"),
    (
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "refused the answer has status 101, which makes no sense here"
    ),
    ("SSH-2.0-OpenSSH\r\n\r\n", "refused the answer does not start with an HTTP/1.1 status line"),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
      "refused two Content-Length fields differ: send one"
    ),
  ]) func `an answer is read the same in every split`(bytes: String, expected: String) {
    let bytes = Array(bytes.utf8)
    #expect(answers([bytes]) == [expected])
    for split in splits(bytes) { #expect(answers(split) == [expected]) }
  }

  @Test func `the answer to a HEAD has no body`() {
    let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)
    #expect(answers([bytes], toHead: true) == ["200  keeps=true"])
  }

  @Test func `an answer over the limit is refused`() {
    var limits = HTTPLimits()
    limits.bodyBytes = 4
    let bytes = Array("HTTP/1.1 200 OK\r\n\r\n12345".utf8)
    #expect(answers([bytes], limits: limits).first?.contains("over 4 bytes") == true)
  }

  @Test func `what the server writes the client reads`() {
    let date = Array("Mon, 23 Nov 2026 06:00:00 GMT".utf8)
    var bytes: [UInt8] = []
    let response = HTTPResponse.json(Array("{}".utf8))
    HTTP1Writer.appendHead(of: response, date: date, closes: true, to: &bytes)
    bytes += response.body
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        HTTP/1.1 200 OK\r
        content-type: application/json\r
        date: Mon, 23 Nov 2026 06:00:00 GMT\r
        content-length: 2\r
        connection: close\r
        \r
        {}
        """)
    #expect(answers([bytes]) == ["200 {} keeps=false"])
  }

  @Test func `a refusal is a Status object`() {
    let response = HTTPResponse(refusal: HTTPRefusal(503, "say \"when\"\n", retryAfter: 1))
    #expect(response.headers["retry-after"] == "1")
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"#
        + #""say \"when\"\u000a","reason":"ServiceUnavailable","code":503}"#)
  }
}
