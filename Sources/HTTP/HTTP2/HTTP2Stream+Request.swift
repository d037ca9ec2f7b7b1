/// A request out of the fields of a stream (RFC 9113 section 8.3). nghttp2 has checked what makes a message
/// malformed; what is checked here is what HTTP/1.1 heads are checked for.
extension HTTP2Stream {
  func add(_ name: Span<UInt8>, _ value: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPRefusal) {
    guard name[0] != 0x3a else { return try addPseudo(name, value) }
    guard headers.count < limits.headFields else {
      throw HTTPRefusal(431, "the head has over \(limits.headFields) fields: send fewer")
    }
    switch name.count {
    case 4 where name.isWord("host"): return try addHost(value)
    case 6 where name.isWord("expect"): try addExpect(value)
    case 14 where name.isWord("content-length"): try addLength(value, limits)
    default: break
    }
    headers.append(checkedName: name, value: value)
  }

  /// The request, whose body leaves the stream.
  func takeRequest(_ peer: HTTPPeer?) -> HTTPRequest {
    defer { forgetRequest() }
    return HTTPRequest(method: method, path: path, query: query, headers: headers, body: body, peer: peer)
  }

  private func addPseudo(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HTTPRefusal) {
    switch name.count {
    case 5 where name.isWord(":path"): try addPath(value)
    case 7 where name.isWord(":method"):
      method = value.text
      if method == "CONNECT" { throw HTTPRefusal(501, "CONNECT is not supported: this is no proxy") }
    case 10 where name.isWord(":authority"): try addHost(value)
    default: break
    }
  }

  private func addPath(_ value: Span<UInt8>) throws(HTTPRefusal) {
    guard try HTTPTarget.end(value, from: 0) == value.count else { throw .badTarget }
    (path, query) = HTTPTarget.split(value)
    guard path.utf8.first == 0x2f || path == "*" else {
      throw HTTPRefusal(400, "the request target must be a path that starts with /")
    }
  }

  /// `:authority` and Host name the same thing, and must agree.
  private func addHost(_ value: Span<UInt8>) throws(HTTPRefusal) {
    for index in value.indices where !ByteClass.isAuthority(value[index]) {
      throw HTTPRefusal(400, "the authority is no host name with a port")
    }
    guard hasHost else {
      hasHost = true
      return headers.append(checkedName: "host".utf8Span.span, value: value)
    }
    guard headers["host"] == value.text else {
      throw HTTPRefusal(400, "Host and :authority differ: send one of them")
    }
  }

  private func addExpect(_ value: Span<UInt8>) throws(HTTPRefusal) {
    guard value.isWord("100-continue") else {
      throw HTTPRefusal(417, "the only expectation that can be met is 100-continue")
    }
    expectsContinue = true
  }

  private func addLength(_ value: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPRefusal) {
    let length = try HTTP1Fields.length(value)
    guard length <= limits.bodyBytes else { throw .bodyTooLarge(limits.bodyBytes) }
    contentLength = length
  }
}
