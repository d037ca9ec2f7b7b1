package import HTTP
package import JSON

/// Errors out of answers. Whatever a server or a proxy before it writes, there is a sentence.
extension KubernetesError {
  /// Text of an answer that is no Status is quoted up to here: enough for a proxy's first sentence.
  private static let quotedBytes = 200

  /// Reads an answer that is not a success. The body is usually a Status; paths that do not exist answer
  /// with plain text (recorded in not-found-route.txt).
  package init(answer: HTTPResponse) {
    let header = answer.headers["retry-after"].flatMap { Int64($0) }.map { Duration.seconds($0) }
    let status = (try? JSONDocument(parsing: answer.body, limits: KubernetesLimits.status))?.root
    if let status, status["kind"]?.equals("Status") == true {
      self.init(status: status, code: answer.status, retryAfter: header)
    } else {
      self.init(
        Self.reason(ofCode: answer.status), code: answer.status, message: Self.quote(answer.body),
        retryAfter: header)
    }
  }

  /// Reads a Status: the body of a refusal, or the object of a watch's ERROR event.
  /// - Parameter retryAfter: wins over the Status' own number, which proxies do not see.
  package init(status: JSONNode, code: Int? = nil, retryAfter: Duration? = nil) {
    let code = code ?? status["code"]?.int.flatMap { Int(exactly: $0) }
    let details = status["details"]
    let named = status["reason"]?.string ?? ""
    let seconds = details?["retryAfterSeconds"]?.int ?? 0
    self.init(
      named.isEmpty ? Self.reason(ofCode: code ?? 0) : Reason(rawValue: named), code: code,
      message: status["message"]?.string ?? "the API server refused without a message",
      causes: (details?["causes"]?.elements ?? []).map { cause in
        Cause(
          field: cause["field"]?.string, reason: cause["reason"]?.string ?? "",
          message: cause["message"]?.string ?? "")
      },
      retryAfter: retryAfter ?? (seconds > 0 ? .seconds(seconds) : nil))
  }

  package init(_ error: HTTPClientError) {
    let reason: Reason =
      switch error.code {
      case .timeout: .deadlineExceeded
      case .untrusted: .untrusted
      case .cancelled: .cancelled
      case .malformed, .tooLarge: .malformed
      case .invalidRequest: .unusable
      case .unknownHost, .unreachable, .closed: .unreachable
      }
    self.init(reason, message: "\(error)")
  }

  /// What a status means when nobody said (k8s.io/apimachinery, errors.NewGenericServerResponse).
  private static func reason(ofCode code: Int) -> Reason {
    switch code {
    case 400: .badRequest
    case 401: .unauthorized
    case 403: .forbidden
    case 404: .notFound
    case 405: .methodNotAllowed
    case 406: .notAcceptable
    case 409: .conflict
    case 410: .gone
    case 413: .requestTooLarge
    case 415: .unsupportedMediaType
    case 422: .invalid
    case 429: .tooManyRequests
    case 503: .serviceUnavailable
    case 504: .timeout
    case 500...599: .internalError
    default: Reason(rawValue: "Unknown")
    }
  }

  private static func quote(_ body: [UInt8]) -> String {
    let text = PlainText.line(String(decoding: body.prefix(quotedBytes), as: UTF8.self), limit: quotedBytes)
    return text.isEmpty ? "an answer without a body" : "the server answered '\(text)'"
  }
}
