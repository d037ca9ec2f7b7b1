internal import Transport

/// A client's connection, whichever protocol it speaks.
protocol HTTPClientConnection: ConnectionHandler {
  func begin(_ exchange: HTTPExchange, on connection: Connection)
  /// Nobody waits for the answer any more.
  func abandon(_ exchange: HTTPExchange, on connection: Connection)
}
