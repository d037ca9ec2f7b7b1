internal import HTTP
internal import JSON
internal import Synchronization

/// The way to one API server: requests with the current credential, repeated where the server asks for it,
/// within a deadline.
final class APIConnection: Sendable {
  private struct Clients {
    var trust: HTTPTrust?
    var client: HTTPClient
    var streams: HTTPStreamClient
  }

  let configuration: ClusterConfiguration
  private let factory: HTTPClientFactory
  private let credentials: CredentialSource
  private let userAgent: String
  private let clients = Mutex<Clients?>(nil)

  init(_ configuration: ClusterConfiguration, factory: HTTPClientFactory, userAgent: String) {
    self.configuration = configuration
    self.factory = factory
    self.userAgent = userAgent
    credentials = CredentialSource(configuration.credential)
  }

  func close() async { await clients.withLock { $0?.client }?.close() }

  /// The answer of a request that succeeded.
  /// - Throws: what the server refused with, after waiting as often as it asked for with Retry-After and as
  ///   the deadline allows.
  func send(_ request: APIRequest, within limit: Duration?) async throws(KubernetesError) -> HTTPResponse {
    let deadline = ContinuousClock.now + (limit ?? configuration.callLimit)
    var refusal: KubernetesError?
    for attempt in 1... {
      let answer: HTTPResponse
      do throws(KubernetesError) { answer = try await sendRenewing(request, until: deadline) } catch {
        // Why the server asked for patience says more than that it then fell silent.
        throw refusal.map { error.after($0) } ?? error
      }
      if (200..<300).contains(answer.status) { return answer }
      let error = KubernetesError(answer: answer)
      guard let pause = Self.pause(after: error, answer), attempt < KubernetesLimits.attempts,
        ContinuousClock.now + pause < deadline
      else { throw error }
      refusal = error
      do { try await Task.sleep(for: pause) } catch { throw .cancelled(configuration.server) }
    }
    throw .cancelled(configuration.server)
  }

  /// The answer; after a 401, that to a renewed credential where there is one.
  private func sendRenewing(
    _ request: APIRequest, until deadline: ContinuousClock.Instant
  ) async throws(KubernetesError) -> HTTPResponse {
    let shown = try await credentials.current()
    let answer = try await sendOnce(request, as: shown, until: deadline)
    guard answer.status == 401, try await credentials.renewed(after: shown) else { return answer }
    return try await sendOnce(request, as: try await credentials.current(), until: deadline)
  }

  /// The answer of a watch, whose head said that it succeeds.
  func stream(
    _ request: APIRequest, within limit: Duration, silence: Duration
  ) async throws(KubernetesError) -> HTTPStream {
    var hasRenewed = false
    while true {
      let shown = try await credentials.current()
      let stream: HTTPStream
      do throws(HTTPClientError) {
        stream = try await ready(for: shown).streams.open(
          http(request, shown), within: limit, silence: silence)
      } catch {
        throw KubernetesError(error)
      }
      if (200..<300).contains(stream.status) { return stream }
      if stream.status == 401, !hasRenewed {
        hasRenewed = true
        if try await credentials.renewed(after: shown) { continue }
      }
      throw KubernetesError(answer: await Self.whole(stream))
    }
  }

  private func sendOnce(
    _ request: APIRequest, as shown: CredentialSource.Shown, until deadline: ContinuousClock.Instant
  ) async throws(KubernetesError) -> HTTPResponse {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else {
      throw KubernetesError(.deadlineExceeded, message: "no answer of \(configuration.server) in time")
    }
    do throws(HTTPClientError) {
      return try await ready(for: shown).client.send(http(request, shown), within: left)
    } catch {
      throw KubernetesError(error)
    }
  }

  private func http(_ request: APIRequest, _ shown: CredentialSource.Shown) -> HTTPRequest {
    request.httpRequest(to: configuration.server, as: shown, userAgent: userAgent)
  }

  /// The clients for a credential: a new client certificate needs new connections, a new token does not.
  private func ready(for shown: CredentialSource.Shown) throws(HTTPClientError) -> Clients {
    let trust = trust(shown)
    if let clients = clients.withLock({ $0 }), clients.trust == trust { return clients }
    let server = configuration.server, name = configuration.tlsServerName
    var settings = HTTPClientConfiguration()
    settings.product = "the API server"
    settings.bodyBytes = KubernetesLimits.page.maxBytes
    let fresh = Clients(
      trust: trust,
      client: try factory.client(
        host: server.host, port: server.port, trust: trust, serverName: name, configuration: settings),
      streams: try factory.streamClient(
        host: server.host, port: server.port, trust: trust, serverName: name, configuration: settings))
    let (kept, old) = clients.withLock { clients -> (Clients, Clients?) in
      // Another call may have been as quick.
      if let other = clients, other.trust == trust { return (other, fresh) }
      defer { clients = fresh }
      return (fresh, clients)
    }
    // What is in flight there is answered first.
    if let old { Task { await old.client.close() } }
    return kept
  }

  private func trust(_ shown: CredentialSource.Shown) -> HTTPTrust? {
    switch configuration.trust {
    case .authorities(let authorities):
      HTTPTrust(authorities: authorities, certificate: shown.certificate, key: shown.key)
    case .anyone: HTTPTrust(authorities: nil, certificate: shown.certificate, key: shown.key)
    case .plain: nil
    }
  }

  /// How long the server wants to be left alone; nil when asking again makes no sense.
  private static func pause(after error: KubernetesError, _ answer: HTTPResponse) -> Duration? {
    guard answer.status == 429 || (answer.status >= 500 && answer.headers["retry-after"] != nil) else {
      return nil
    }
    return error.retryAfter ?? KubernetesLimits.retryAfter
  }

  /// A refusal instead of a watch: short, and over at once.
  private static func whole(_ stream: HTTPStream) async -> HTTPResponse {
    var body: [UInt8] = []
    do throws(HTTPClientError) {
      while body.count < KubernetesLimits.status.maxBytes, let more = try await stream.next() { body += more }
    } catch {
      // The status alone still says what happened.
    }
    return HTTPResponse(status: stream.status, headers: stream.headers, body: body)
  }
}

extension KubernetesError {
  static func cancelled(_ server: ServerAddress) -> Self {
    Self(.cancelled, message: "the request to \(server) was cancelled")
  }
}
