internal import Transport

/// Many requests at a time over HTTP/2.
final class HTTP2ClientConnection: HTTPClientConnection {
  private let pool: HTTPClientPool
  private let address: HTTPClientAddress
  private let limits: HTTPLimits
  private let idle: Duration
  private let session: HTTP2ClientSession
  private var exchanges: [Int32: HTTPExchange] = [:]
  private var alarm = HTTPAlarm()
  private var since = ContinuousClock.now
  private var isShared = false
  /// It was dialled for a request, which may arrive after the server's first frames.
  private var hasBegun = false
  private var output: [UInt8] = []
  /// Bytes that are handed to the transport before it has to report room: its own high-water mark.
  private static let outputAtOnce = TransportLimits().outputHighWater

  init(_ pool: HTTPClientPool, _ address: HTTPClientAddress, _ limits: HTTPLimits, idle: Duration) {
    self.pool = pool
    self.address = address
    self.limits = limits
    self.idle = idle
    session = HTTP2ClientSession(limits: limits, at: since)
  }

  func opened(on connection: Connection) {
    isShared = pool.share(connection.handle)
    alarm.set(since + idle, on: connection)
    connection.requestFlush()
  }

  func begin(_ exchange: HTTPExchange, on connection: Connection) {
    hasBegun = true
    guard !exchange.isOver else { return isShared ? () : close(connection) }
    session.now = .now
    guard
      let id = session.begin(exchange.request, scheme: address.scheme, authority: address.authority)
    else { return exchange.finish(.lost(.unprocessed(address.endpoint), mayRepeat: true)) }
    exchanges[id] = exchange
    alarm.set(exchange.deadline, on: connection)
    connection.requestFlush()
  }

  func abandon(_ exchange: HTTPExchange, on connection: Connection) {
    guard let id = exchanges.first(where: { $0.value === exchange })?.key else { return }
    exchanges[id] = nil
    session.cancel(id)
    connection.requestFlush()
  }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    let isOpen = session.receive(bytes.bindMemory(to: UInt8.self).span, at: .now)
    for (id, outcome) in session.takeFinished() { finish(id, outcome) }
    if !isOpen || session.isGoingAway { pool.forget(connection.handle) }
    let isUseless = !isOpen || session.isGoingAway || (!isShared && hasBegun)
    if isUseless, exchanges.isEmpty { return close(connection) }
    connection.requestFlush()
  }

  func peerFinished(on connection: Connection) {
    pool.forget(connection.handle)
    connection.close()
  }

  func willFlush(on connection: Connection) {
    output.removeAll(keepingCapacity: true)
    session.send(into: &output, limit: Self.outputAtOnce)
    if !output.isEmpty { connection.write(output) }
    if output.count >= Self.outputAtOnce { connection.awaitWritable() }
  }

  func writable(on connection: Connection) { connection.requestFlush() }

  func deadlineReached(_ reason: String, on connection: Connection) {
    alarm.hasRung()
    let now = ContinuousClock.now
    for (id, exchange) in exchanges where exchange.deadline <= now {
      exchanges[id] = nil
      session.cancel(id)
      exchange.finish(.lost(.timeout(address.endpoint), mayRepeat: false))
    }
    if exchanges.isEmpty, since + idle <= now { return close(connection) }
    alarm.set(exchanges.values.map(\.deadline).min() ?? since + idle, on: connection)
    connection.requestFlush()
  }

  func closed(_ reason: CloseReason, on connection: Connection) {
    pool.forget(connection.handle)
    for (id, exchange) in exchanges {
      let mayRepeat = session.streams[id]?.status ?? 0 == 0
      exchange.finish(.lost(.closed(address.endpoint, cause: "\(reason)"), mayRepeat: mayRepeat))
    }
    exchanges = [:]
  }

  private func finish(_ id: Int32, _ outcome: HTTP2ClientSession.Outcome) {
    since = session.now
    guard let exchange = exchanges.removeValue(forKey: id) else { return }
    switch outcome {
    case .response(let response): exchange.finish(.response(response))
    case .unprocessed: exchange.finish(.lost(.unprocessed(address.endpoint), mayRepeat: true))
    case .failed(let why): exchange.finish(.lost(.closed(address.endpoint, cause: why), mayRepeat: false))
    case .tooLarge: exchange.finish(.lost(.tooLarge(address.endpoint, limits), mayRepeat: false))
    }
  }

  private func close(_ connection: Connection) {
    session.shutDown()
    willFlush(on: connection)
    connection.close()
  }
}
