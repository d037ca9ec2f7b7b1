internal import COpenSSL

/// OpenSSL keeps its errors in a queue per thread; this empties it into a sentence.
enum OpenSSLErrors {
  /// The newest reason, or nil if there is none.
  static func take() -> String? {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    guard code != 0 else { return nil }
    return ERR_reason_error_string(code).map { String(cString: $0) } ?? "OpenSSL error \(code)"
  }
}

extension TransportError {
  static func openSSL(_ code: Code, _ message: String) -> Self {
    Self(code, message, cause: OpenSSLErrors.take())
  }
}
