/// The room above, for one connection. Every method runs on the connection's loop and must not block.
///
/// `opened` comes first and `closed` last, each once; nothing comes after `closed`.
package protocol ConnectionHandler: AnyObject {
  /// The connection is established and, with TLS, the handshake is done.
  func opened(on connection: Connection)
  /// Bytes have arrived; they are lent for the call.
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection)
  /// The peer will send no more (FIN, or TLS close). Without an implementation the connection is closed
  /// after its output is flushed; a handler that still owes an answer writes it and then closes.
  func peerFinished(on connection: Connection)
  /// Once a turn before output leaves, if anything was written or `requestFlush` was called: the place to
  /// gather.
  func willFlush(on connection: Connection)
  /// At the end of such a turn: what the kernel did not take is `pendingOutput` now.
  func settled(on connection: Connection)
  /// The kernel had refused output, and now less than the low-water mark is unsent.
  func writable(on connection: Connection)
  /// The deadline set with `setDeadline` has passed (and is no longer set).
  func deadlineReached(_ reason: String, on connection: Connection)
  /// The connection is gone. Writing to it does nothing.
  func closed(_ reason: CloseReason, on connection: Connection)
}

extension ConnectionHandler {
  package func opened(on connection: Connection) {}
  package func peerFinished(on connection: Connection) { connection.close() }
  package func willFlush(on connection: Connection) {}
  package func settled(on connection: Connection) {}
  package func writable(on connection: Connection) {}
  package func deadlineReached(_ reason: String, on connection: Connection) { connection.abort(reason) }
  package func closed(_ reason: CloseReason, on connection: Connection) {}
}

/// Makes the handler of a new connection, on the loop, after the handshake.
package typealias HandlerFactory = @Sendable (Connection) -> any ConnectionHandler

/// A name for a connection that may cross threads and outlive it.
package struct ConnectionHandle: Sendable, Hashable {
  package let loop: Loop
  let token: UInt64

  package static func == (a: Self, b: Self) -> Bool { a.token == b.token && a.loop === b.loop }
  package func hash(into hasher: inout Hasher) { hasher.combine(token) }
}
