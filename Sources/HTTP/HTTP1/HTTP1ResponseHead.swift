/// The head of an answer: status line, fields, and how the body is framed (RFC 9112 section 6.3).
struct HTTP1ResponseHead {
  let status: Int
  let headers: HTTPHeaders
  let framing: HTTP1BodyFraming
  let keepsAlive: Bool

  /// 1xx: another head follows. Switching protocols was never asked for, and is refused.
  var isInterim: Bool { status < 200 }

  init(_ bytes: Span<UInt8>, limits: HTTPLimits, answersHead: Bool) throws(HTTPRefusal) {
    guard bytes.count >= 15, bytes.extracting(0..<7).isWord("http/1."), bytes[7] == 0x30 || bytes[7] == 0x31,
      bytes[8] == 0x20, (9..<12).allSatisfy({ ByteClass.isDigit(bytes[$0]) }),
      bytes[12] == 0x20 || bytes[12] == 0x0d
    else { throw HTTPRefusal(502, "the answer does not start with an HTTP/1.1 status line") }
    status = Int(bytes[9] - 0x30) * 100 + Int(bytes[10] - 0x30) * 10 + Int(bytes[11] - 0x30)
    guard (100...599).contains(status), status != 101 else {
      throw HTTPRefusal(502, "the answer has status \(status), which makes no sense here")
    }
    var at = 12
    while ByteClass.isFieldValue(bytes[at]) { at += 1 }
    guard bytes[at] == 0x0d, bytes[at + 1] == 0x0a else {
      throw HTTPRefusal(502, "the status line of the answer holds a control character")
    }
    let fields = try HTTP1Fields(bytes, from: at + 2, limit: limits.headFields)
    headers = fields.headers
    keepsAlive = bytes[7] == 0x31 ? !fields.closes : fields.keepsAlive
    if answersHead || status < 200 || status == 204 || status == 304 {
      framing = .length(0)
    } else if fields.isChunked {
      framing = .chunked
    } else {
      framing = fields.contentLength.map { .length($0) } ?? .untilClose
    }
  }
}
