/// Heads and bodies into bytes.
enum HTTP1Writer {
  static let proceed = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

  /// Whether an answer with this status has a body and says how long it is (RFC 9110 section 6.4.1).
  static func mayHaveBody(_ status: Int) -> Bool { status != 204 && status != 304 }

  /// Appends the head of an answer to `out`; the body is the caller's to send, except after a HEAD.
  /// - Parameter date: the value of the Date field, 29 bytes (RFC 9110 section 6.6.1).
  static func appendHead(of response: HTTPResponse, date: [UInt8], closes: Bool, to out: inout [UInt8]) {
    out += HTTPStatus.line(response.status)
    append(response.headers, to: &out)
    out.append(ascii: "date: ")
    out += date
    out.append(ascii: "\r\n")
    if mayHaveBody(response.status) {
      out.append(ascii: "content-length: ")
      out.append(decimal: response.body.count)
      out.append(ascii: "\r\n")
    }
    out.append(ascii: closes ? "connection: close\r\n\r\n" : "\r\n")
  }

  static func append(_ request: HTTPRequest, authority: String, to out: inout [UInt8]) {
    out.reserveCapacity(out.count + 256 + request.body.count)
    out += request.method.utf8
    out.append(ascii: " ")
    out += request.target.utf8
    out.append(ascii: " HTTP/1.1\r\n")
    if request.headers["host"] == nil {
      out.append(ascii: "host: ")
      out += authority.utf8
      out.append(ascii: "\r\n")
    }
    append(request.headers, to: &out)
    if !request.body.isEmpty || request.method == "POST" || request.method == "PUT"
      || request.method == "PATCH"
    {
      out.append(ascii: "content-length: ")
      out.append(decimal: request.body.count)
      out.append(ascii: "\r\n")
    }
    out.append(ascii: "\r\n")
    out += request.body
  }

  private static func append(_ headers: HTTPHeaders, to out: inout [UInt8]) {
    headers.forEach { name, value in
      out.append(contentsOf: name)
      out.append(ascii: ": ")
      out.append(contentsOf: value)
      out.append(ascii: "\r\n")
      return true
    }
  }
}

extension [UInt8] {
  mutating func append(ascii text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(decimal number: Int) {
    if number >= 10 { append(decimal: number / 10) }
    append(UInt8(number % 10) + 0x30)
  }
}
