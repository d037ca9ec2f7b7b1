/// A request that is refused by the codec or the server, before any handler saw it.
package struct HTTPRefusal: Error, Sendable, Equatable {
  package let status: Int
  /// What was wrong, and what to send instead; quotes nothing of the request.
  package let message: String
  /// Seconds after which asking again makes sense.
  package let retryAfter: Int?

  package init(_ status: Int, _ message: String, retryAfter: Int? = nil) {
    self.status = status
    self.message = message
    self.retryAfter = retryAfter
  }

  /// The `reason` that Kubernetes gives a status (k8s.io/apimachinery, metav1.StatusReason); empty when it
  /// has none.
  var reason: String {
    switch status {
    case 400, 417, 431, 505: "BadRequest"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "NotFound"
    case 405, 501: "MethodNotAllowed"
    case 406: "NotAcceptable"
    case 408, 504: "Timeout"
    case 409: "Conflict"
    case 413: "RequestEntityTooLarge"
    case 415: "UnsupportedMediaType"
    case 429: "TooManyRequests"
    case 500: "InternalError"
    case 503: "ServiceUnavailable"
    default: ""
    }
  }
}

extension HTTPResponse {
  /// The refusal as a Status object, the only error body that an API server reads.
  package init(refusal: HTTPRefusal) {
    var body = Array(#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""#.utf8)
    Self.appendEscaped(refusal.message, to: &body)
    body += #"","reason":"\#(refusal.reason)","code":\#(refusal.status)}"#.utf8
    self.init(status: refusal.status, headers: .json, body: body)
    if let seconds = refusal.retryAfter { headers.add("retry-after", "\(seconds)") }
  }

  /// JSON string escapes: quote, backslash and control characters; the rest of a `String` is valid UTF-8.
  private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5c: bytes += [0x5c, byte]
      case 0..<0x20: bytes += "\\u00".utf8 + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
  }
}
