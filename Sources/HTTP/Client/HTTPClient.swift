internal import Synchronization
package import Transport

/// Asks one server, over kept connections: HTTP/2 where ALPN agrees on it, HTTP/1.1 otherwise.
///
///     let client = HTTPClient(host: "127.0.0.1", port: 8443, tls: trust, loop: loop)
///     let answer = try await client.send(HTTPRequest(method: "POST", path: "/validate", body: review))
package final class HTTPClient: Sendable {
  private let endpoint: HTTPEndpoint
  private let scheme: String
  private let dialer: Dialer
  private let serverName: String?
  private let loop: Loop
  private let configuration: HTTPClientConfiguration
  private let pool: HTTPClientPool

  /// - Parameters:
  ///   - tls: whom to trust; nil asks without TLS.
  ///   - serverName: what the certificate must be for; `host` if nil.
  ///   - loop: where the connections live; the caller stops it.
  package init(
    host: String, port: UInt16, tls: TLSClientContext?, serverName: String? = nil, loop: Loop,
    configuration: HTTPClientConfiguration = .init()
  ) {
    endpoint = HTTPEndpoint(host: host, port: port, product: configuration.product)
    scheme = tls == nil ? "http" : "https"
    dialer = Dialer(tls: tls, within: configuration.connect)
    self.serverName = serverName
    self.loop = loop
    self.configuration = configuration
    pool = HTTPClientPool(idleConnections: configuration.idleConnections)
  }

  /// Sends a request and returns its answer, whatever its status.
  ///
  /// A kept connection may have been closed by the server a moment ago. The request is sent again, once and
  /// on a new connection, when it was lost with a kept connection before the first byte of an answer, or when
  /// the server said that it did not look at it.
  /// - Parameter limit: until the last byte of the answer, with the time that a new connection takes; the
  ///   configuration's if nil.
  package func send(
    _ request: HTTPRequest, within limit: Duration? = nil
  ) async throws(HTTPClientError) -> HTTPResponse {
    try endpoint.check(request)
    let deadline = ContinuousClock.now + (limit ?? configuration.answer)
    if let kept = pool.take() {
      switch await perform(request, on: kept, until: deadline) {
      case .response(let response): return response
      case .lost(let error, let mayRepeat): guard mayRepeat else { throw error }
      }
    }
    var (mayRepeat, error) = (true, HTTPClientError.closed(endpoint))
    for _ in 0..<2 where mayRepeat {
      let fresh = try await dial(until: deadline)
      switch await perform(request, on: fresh, until: deadline) {
      case .response(let response): return response
      case .lost(let failure, _): (error, mayRepeat) = (failure, failure.isUnprocessed)
      }
    }
    throw error
  }

  /// Closes the kept connections. What is in flight is answered; nothing may be sent afterwards.
  package func close() async {
    for handle in pool.empty() { await loop.with(handle) { $0.close() } }
  }

  private func dial(
    until deadline: ContinuousClock.Instant
  ) async throws(HTTPClientError) -> ConnectionHandle {
    if Task.isCancelled { throw .cancelled(endpoint) }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { throw .timeout(endpoint) }
    let (pool, limits, idle) = (pool, configuration.limits, configuration.idle)
    let address = HTTPClientAddress(endpoint: endpoint, scheme: scheme, isDefaultPort: isDefaultPort)
    let makeHandler: HandlerFactory = { connection in
      guard connection.alpn == "h2" else { return HTTP1ClientConnection(pool, address, limits, idle: idle) }
      return HTTP2ClientConnection(pool, address, limits, idle: idle)
    }
    do throws(TransportError) {
      return try await dialer.connect(
        to: endpoint.host, port: endpoint.port, serverName: serverName, on: loop, within: left,
        makeHandler: makeHandler)
    } catch {
      throw HTTPClientError(error, endpoint)
    }
  }

  private var isDefaultPort: Bool { endpoint.port == (scheme == "https" ? 443 : 80) }

  private func perform(
    _ request: HTTPRequest, on handle: ConnectionHandle, until deadline: ContinuousClock.Instant
  ) async -> HTTPExchange.Outcome {
    let exchange = HTTPExchange(request, deadline: deadline)
    let (endpoint, loop) = (endpoint, loop)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchange.await(continuation)
        Task {
          let begun: Void? = await loop.with(handle) { connection in
            guard let client = connection.handler as? any HTTPClientConnection else {
              return exchange.finish(.lost(.closed(endpoint), mayRepeat: true))
            }
            client.begin(exchange, on: connection)
          }
          if begun == nil { exchange.finish(.lost(.closed(endpoint), mayRepeat: true)) }
        }
      }
    } onCancel: {
      exchange.finish(.lost(.cancelled(endpoint), mayRepeat: false))
      Task {
        await loop.with(handle) { ($0.handler as? any HTTPClientConnection)?.abandon(exchange, on: $0) }
      }
    }
  }
}

extension HTTPClientError {
  static func closed(_ endpoint: HTTPEndpoint, cause: String? = nil) -> HTTPClientError {
    HTTPClientError(
      .closed, "\(endpoint) closed the connection before its answer was complete: see its log", cause: cause)
  }
  static func cancelled(_ endpoint: HTTPEndpoint) -> HTTPClientError {
    HTTPClientError(.cancelled, "the request to \(endpoint) was cancelled")
  }
  static func timeout(_ endpoint: HTTPEndpoint) -> HTTPClientError {
    HTTPClientError(.timeout, "\(endpoint) did not answer in time: try again, and see its log")
  }
  static func tooLarge(_ endpoint: HTTPEndpoint, _ limits: HTTPLimits) -> HTTPClientError {
    HTTPClientError(
      .tooLarge, "the answer of \(endpoint) is over \(limits.bodyBytes) bytes: ask for less at a time")
  }
  static func malformed(_ endpoint: HTTPEndpoint, _ refusal: HTTPRefusal) -> HTTPClientError {
    HTTPClientError(
      .malformed, "what \(endpoint) answered is not HTTP: is the port right?", cause: refusal.message)
  }

  private static let unprocessedCause = "the server did not process the request"
  static func unprocessed(_ endpoint: HTTPEndpoint) -> HTTPClientError {
    HTTPClientError(.closed, "\(endpoint) takes no more requests: try again", cause: unprocessedCause)
  }
  /// The server itself said that repeating is safe.
  var isUnprocessed: Bool { cause == Self.unprocessedCause }
}
