/// Status codes as they stand on the wire, made once.
enum HTTPStatus {
  /// `HTTP/1.1 200 OK` with its CRLF. A status without a phrase of its own has an empty one (RFC 9112 section
  /// 4).
  static func line(_ status: Int) -> [UInt8] { lines[status - 100] }

  /// The three digits of a status.
  static func digits(_ status: Int) -> [UInt8] { numbers[status - 100] }

  private static let numbers: [[UInt8]] = (100...599).map { Array("\($0)".utf8) }

  private static let lines: [[UInt8]] = (100...599).map {
    Array("HTTP/1.1 \($0) \(phrases[$0] ?? "")\r\n".utf8)
  }

  private static let phrases: [Int: String] = [
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
    304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout",
    409: "Conflict",
    410: "Gone", 413: "Content Too Large", 415: "Unsupported Media Type", 417: "Expectation Failed",
    422: "Unprocessable Content", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  ]
}
