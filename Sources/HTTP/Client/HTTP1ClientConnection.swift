internal import Transport

/// One request at a time over HTTP/1.1.
final class HTTP1ClientConnection: HTTPClientConnection {
  private let pool: HTTPClientPool
  private let address: HTTPClientAddress
  private let limits: HTTPLimits
  private let idle: Duration
  private var current: (exchange: HTTPExchange, parser: HTTP1ResponseParser, hasBytes: Bool)?

  init(_ pool: HTTPClientPool, _ address: HTTPClientAddress, _ limits: HTTPLimits, idle: Duration) {
    self.pool = pool
    self.address = address
    self.limits = limits
    self.idle = idle
  }

  func begin(_ exchange: HTTPExchange, on connection: Connection) {
    precondition(current == nil, "an HTTP/1.1 connection carries one request at a time")
    guard !exchange.isOver else { return release(connection) }
    let parser = HTTP1ResponseParser(limits: limits, answersHead: exchange.request.method == "HEAD")
    current = (exchange, parser, false)
    var bytes: [UInt8] = []
    HTTP1Writer.append(exchange.request, authority: address.authority, to: &bytes)
    connection.write(bytes)
    connection.setDeadline(exchange.deadline)
  }

  func abandon(_ exchange: HTTPExchange, on connection: Connection) {
    if current?.exchange === exchange { connection.abort("the request was cancelled") }
  }

  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
    guard case (let exchange, var parser, _)? = current else {
      return connection.abort("bytes that answer nothing")
    }
    current = nil
    let (consumed, event) = parser.read(bytes.bindMemory(to: UInt8.self).span)
    switch event {
    case .more: current = (exchange, parser, true)
    case .response(let response, let keepsAlive):
      if keepsAlive, consumed == bytes.count { release(connection) } else { connection.close() }
      exchange.finish(.response(response))
    case .refused(let refusal):
      let error: HTTPClientError =
        refusal.status == 413
        ? .tooLarge(address.endpoint, limits) : .malformed(address.endpoint, refusal)
      exchange.finish(.lost(error, mayRepeat: false))
      connection.abort("the answer was refused")
    }
  }

  func peerFinished(on connection: Connection) {
    pool.forget(connection.handle)
    if let response = current?.parser.end() {
      current?.exchange.finish(.response(response))
      current = nil
    }
    connection.close()
  }

  func deadlineReached(_ reason: String, on connection: Connection) {
    guard let exchange = current?.exchange else { return connection.close() }
    exchange.finish(.lost(.timeout(address.endpoint), mayRepeat: false))
    current = nil
    connection.abort("no answer in time")
  }

  func closed(_ reason: CloseReason, on connection: Connection) {
    pool.forget(connection.handle)
    guard let (exchange, _, hasBytes) = current else { return }
    current = nil
    exchange.finish(.lost(.closed(address.endpoint, cause: "\(reason)"), mayRepeat: !hasBytes))
  }

  private func release(_ connection: Connection) {
    connection.setDeadline(after: idle, "idle")
    if !pool.keep(connection.handle) { connection.close() }
  }
}
