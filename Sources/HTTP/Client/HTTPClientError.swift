internal import Transport

/// Why there is no answer: a code for programs, a sentence that says what to do, and the cause.
package struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The request cannot be put on the wire as it is.
    case invalidRequest
    /// The name has no address.
    case unknownHost
    /// No connection: nothing listens, or the network does not lead there.
    case unreachable
    /// The server is not the one that we trust, or does not trust us.
    case untrusted
    /// A deadline passed.
    case timeout
    /// The connection ended before the answer did.
    case closed
    /// The answer is larger than the limit.
    case tooLarge
    /// The answer is not HTTP.
    case malformed
    case cancelled
  }
  package let code: Code
  package let message: String
  package let cause: String?

  package init(_ code: Code, _ message: String, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.map { "\(message) (\($0))" } ?? message }

  package static func == (a: Self, b: Self) -> Bool { a.code == b.code }
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension HTTPClientError {
  init(_ error: TransportError, _ endpoint: HTTPEndpoint) {
    let cause = error.cause ?? error.message
    switch error.code {
    case .resolve, .address:
      self.init(.unknownHost, "'\(endpoint.host)' has no address: check the server's name", cause: cause)
    case .tlsHandshake, .tlsConfiguration, .certificate:
      self.init(
        .untrusted,
        "no trusted TLS with \(endpoint): was its certificate signed by the CA given here, for this name?",
        cause: cause)
    case .deadline:
      self.init(
        .timeout, "\(endpoint) did not answer the connection in time: check address and firewall",
        cause: cause)
    case .connect where cause.contains("refused"):
      self.init(
        .unreachable, "nothing listens on \(endpoint): is \(endpoint.product) running there?",
        cause: cause)
    default:
      self.init(.unreachable, "cannot connect to \(endpoint): check address and network", cause: cause)
    }
  }
}

/// Whom a client talks to, for its sentences.
struct HTTPEndpoint: Sendable, CustomStringConvertible {
  let host: String
  let port: UInt16
  let product: String

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Nothing in a method or a target may end the request line.
  func check(_ request: HTTPRequest) throws(HTTPClientError) {
    let target = Array(request.target.utf8)
    let end = try? HTTPTarget.end(target.span, from: 0)
    guard request.method.utf8.allSatisfy(ByteClass.isToken), !request.method.isEmpty, end == target.count,
      target.first == 0x2f
    else {
      throw HTTPClientError(
        .invalidRequest, "'\(request.method) \(request.target)' is no request: escape what a path cannot hold"
      )
    }
  }
}
