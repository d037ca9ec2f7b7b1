/// The head of a request: request line, fields, and how the body is framed.
struct HTTP1RequestHead {
  let method: String
  let path: String
  let query: String?
  let headers: HTTPHeaders
  let framing: HTTP1BodyFraming
  /// Whether the connection may carry another request after this one (RFC 9112 section 9.3).
  let keepsAlive: Bool
  let expectsContinue: Bool

  /// A method longer than any that is registered (IANA: 17 bytes) is not worth keeping.
  private static let methodBytes = 32

  /// `bytes` is a whole head with its empty line; one empty line before the request line is skipped, as RFC
  /// 9112 section 2.2 asks.
  init(_ bytes: Span<UInt8>, limits: HTTPLimits) throws(HTTPRefusal) {
    let start = bytes[0] == 0x0d && bytes[1] == 0x0a ? 2 : 0
    let methodEnd = try Self.endOfMethod(bytes, start)
    let targetEnd = try Self.endOfTarget(bytes, methodEnd + 1)
    let (isOneDotOne, fieldStart) = try Self.version(bytes, targetEnd + 1)
    method = bytes.extracting(start..<methodEnd).text
    var fields = try HTTP1Fields(bytes, from: fieldStart, limit: limits.headFields)
    let target = bytes.extracting(methodEnd + 1..<targetEnd)
    (path, query) = try Self.split(target, method: method, fields: &fields)
    guard fields.hostCount == 1 || !isOneDotOne else {
      throw HTTPRefusal(400, "Host is missing: HTTP/1.1 requires it")
    }
    guard isOneDotOne || !fields.isChunked else {
      throw HTTPRefusal(400, "HTTP/1.0 knows no Transfer-Encoding: send Content-Length")
    }
    headers = fields.headers
    framing = fields.isChunked ? .chunked : .length(fields.contentLength ?? 0)
    // Answers to HTTP/1.0 end with the connection: its keep-alive is not worth its ambiguities.
    keepsAlive = isOneDotOne && !fields.closes
    expectsContinue = isOneDotOne && fields.expectsContinue
  }

  private static func endOfMethod(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPRefusal) -> Int {
    var at = start
    while ByteClass.isToken(bytes[at]) { at += 1 }
    guard at > start, bytes[at] == 0x20 else {
      throw HTTPRefusal(400, "the request line starts with no method: speak HTTP/1.1 here, or HTTP/2 by ALPN")
    }
    guard at - start <= methodBytes else { throw HTTPRefusal(501, "the method is not known") }
    return at
  }

  private static func endOfTarget(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPRefusal) -> Int {
    let end = try HTTPTarget.end(bytes, from: start)
    guard end > start, bytes[end] == 0x20 else { throw .badTarget }
    return end
  }

  /// `HTTP/1.1` or `HTTP/1.0` and the end of the line; returns the index of the first field.
  private static func version(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPRefusal) -> (Bool, Int) {
    guard start + 10 <= bytes.count, bytes[start + 8] == 0x0d, bytes[start + 9] == 0x0a,
      bytes.extracting(start..<start + 5).isWord("http/"), bytes[start] == 0x48,
      ByteClass.isDigit(bytes[start + 5]), bytes[start + 6] == 0x2e, ByteClass.isDigit(bytes[start + 7])
    else { throw HTTPRefusal(400, "the request line does not end with ` HTTP/1.1`") }
    guard bytes[start + 5] == 0x31, bytes[start + 7] <= 0x31 else {
      throw HTTPRefusal(505, "this version of HTTP is not spoken here: use HTTP/1.1, or HTTP/2 by ALPN")
    }
    return (bytes[start + 7] == 0x31, start + 10)
  }

  /// Path and query. An absolute form is taken apart; its authority replaces Host (RFC 9112 section 3.2.2).
  private static func split(
    _ target: Span<UInt8>, method: String, fields: inout HTTP1Fields
  ) throws(HTTPRefusal) -> (String, String?) {
    if target[0] == 0x2f { return HTTPTarget.split(target) }
    if method == "CONNECT" { throw HTTPRefusal(501, "CONNECT is not supported: this is no proxy") }
    if target.count == 1, target[0] == 0x2a, method == "OPTIONS" { return ("*", nil) }
    let scheme = target.count > 8 && target.extracting(0..<8).isWord("https://") ? 8 : 7
    guard target.count > 7, scheme == 8 || target.extracting(0..<7).isWord("http://") else {
      throw HTTPRefusal(400, "the request target must be a path that starts with /")
    }
    var end = scheme
    while end < target.count, target[end] != 0x2f, target[end] != 0x3f { end += 1 }
    let authority = target.extracting(scheme..<end)
    guard !authority.isEmpty, authority.indices.allSatisfy({ ByteClass.isAuthority(target[scheme + $0]) })
    else {
      throw HTTPRefusal(400, "the authority in the request target is no host name with a port")
    }
    fields.headers["host"] = authority.text
    let rest = HTTPTarget.split(target.extracting(end..<target.count))
    return (rest.0.isEmpty ? "/" : rest.0, rest.1)
  }
}

/// Where a message's body ends.
enum HTTP1BodyFraming: Equatable {
  case length(Int)
  case chunked
  /// With the connection: only answers may do that.
  case untilClose
}
