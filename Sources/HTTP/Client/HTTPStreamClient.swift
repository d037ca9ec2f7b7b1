package import Transport

/// Asks one server for answers that are read while they come. Each has an HTTP/1.1 connection of its own: one
/// that falls silent can be given up without harm to the others, and a reader who is late stops only its own.
package final class HTTPStreamClient: Sendable {
  private let endpoint: HTTPEndpoint
  private let isTLS: Bool
  private let dialer: Dialer
  private let serverName: String?
  private let loop: Loop
  private let configuration: HTTPClientConfiguration

  /// - Parameter tls: must offer `http/1.1` alone.
  package init(
    host: String, port: UInt16, tls: TLSClientContext?, serverName: String? = nil, loop: Loop,
    configuration: HTTPClientConfiguration = .init()
  ) {
    endpoint = HTTPEndpoint(host: host, port: port, product: configuration.product)
    isTLS = tls != nil
    dialer = Dialer(tls: tls, within: configuration.connect)
    self.serverName = serverName
    self.loop = loop
    self.configuration = configuration
  }

  /// Sends a request and returns when the head of its answer has come, whatever its status.
  /// - Parameters:
  ///   - limit: for the head, after the connection is made.
  ///   - silence: the stream ends with `timeout` when no byte comes for so long.
  package func open(
    _ request: HTTPRequest, within limit: Duration, silence: Duration
  ) async throws(HTTPClientError) -> HTTPStream {
    try endpoint.check(request)
    if Task.isCancelled { throw .cancelled(endpoint) }
    let address = HTTPClientAddress(
      endpoint: endpoint, scheme: isTLS ? "https" : "http",
      isDefaultPort: endpoint.port == (isTLS ? 443 : 80))
    let inbox = HTTPStreamInbox()
    let limits = configuration.limits
    let makeHandler: HandlerFactory = { _ in
      HTTP1StreamConnection(request, inbox, address, limits, head: limit, silence: silence)
    }
    let handle: ConnectionHandle
    do throws(TransportError) {
      handle = try await dialer.connect(
        to: endpoint.host, port: endpoint.port, serverName: serverName, on: loop, makeHandler: makeHandler)
    } catch {
      throw HTTPClientError(error, endpoint)
    }
    return try await HTTPStream.begun(inbox, handle, endpoint)
  }
}
