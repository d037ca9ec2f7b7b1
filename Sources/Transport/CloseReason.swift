/// Why a connection ended. Handlers, logs and metrics get the same value.
package enum CloseReason: Sendable, Hashable, CustomStringConvertible {
  /// We closed it and everything we had written was taken by the kernel.
  case closedHere
  /// The handler gave it up without waiting for unsent output.
  case aborted(String)
  /// The peer reset the connection, or the network did; the errno's text.
  case failed(String)
  /// The peer's bytes ended without a TLS close: somebody may have cut them short.
  case truncated
  /// No connection within the dialer's time, or refused by the peer.
  case connectFailed(String)
  /// Accepted and closed at once: a limit of the listener.
  case refused(String)
  /// The TLS handshake failed; OpenSSL's reason. Includes refused client certificates.
  case handshakeFailed(String)
  /// The connection ended in the middle of the TLS handshake, before either side doubted the other.
  case handshakeCut(String)
  /// The TLS handshake did not end in time.
  case handshakeTimeout
  /// Broken TLS records after the handshake.
  case tlsFailed(String)
  /// The peer does not read what we send.
  case peerTooSlow
  /// More output was queued than the limit allows.
  case outputLimit
  /// The loop was stopped.
  case loopStopped

  package var description: String {
    switch self {
    case .closedHere: "closed here"
    case .aborted(let why): "given up: \(why)"
    case .failed(let why): "connection lost: \(why)"
    case .truncated: "the peer's stream ended without a TLS close"
    case .connectFailed(let why): "cannot connect: \(why)"
    case .refused(let why): "refused: \(why)"
    case .handshakeFailed(let why): "TLS handshake failed: \(why)"
    case .handshakeCut(let why): "connection lost during the TLS handshake: \(why)"
    case .handshakeTimeout: "TLS handshake not finished in time"
    case .tlsFailed(let why): "TLS failed: \(why)"
    case .peerTooSlow: "the peer does not read"
    case .outputLimit: "more output queued than the limit"
    case .loopStopped: "the event loop was stopped"
    }
  }
}
