/// A whole answer. Content-Length, Date and Connection are the codec's business: do not set them.
package struct HTTPResponse: Sendable, Equatable {
  /// 200 to 599. Interim answers (1xx) are made by the codecs alone.
  package var status: Int
  package var headers: HTTPHeaders
  package var body: [UInt8]

  package init(status: Int, headers: HTTPHeaders = .init(), body: [UInt8] = []) {
    precondition((200...599).contains(status), "an answer's status is from 200 to 599")
    self.status = status
    self.headers = headers
    self.body = body
  }

  package static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: .json, body: body)
  }

  package static func text(_ body: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["content-type": "text/plain; charset=utf-8"], body: Array(body.utf8))
  }

  /// A Kubernetes Status object that says what was wrong.
  /// - Parameter retryAfter: seconds. The API server asks again after that time when it is sent with 429, 500
  ///   or
  ///   503, and only then (recorded in webhook-answers.json).
  package static func failure(_ status: Int, _ message: String, retryAfter: Int? = nil) -> HTTPResponse {
    HTTPResponse(refusal: HTTPRefusal(status, message, retryAfter: retryAfter))
  }
}

/// How a handler answers: at once on the loop, or later from a task. A handler must not block.
package enum HTTPReply: Sendable {
  case now(HTTPResponse)
  /// Runs on the default pool, counts as in flight, and is cancelled at the handler deadline.
  case later(@Sendable () async -> HTTPResponse)
}
