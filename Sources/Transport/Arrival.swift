/// A socket on its way to the loop that will own it.
struct Arrival: Sendable {
  typealias Outcome = @Sendable (Result<ConnectionHandle, ConnectionRefusal>) -> Void

  /// Owned by the arrival until a loop takes it.
  let descriptor: Int32
  let peer: SocketAddress
  /// The connect is in progress.
  let isConnecting: Bool
  /// nil is a plain connection.
  let tls: TLSContext?
  /// The client's side of TLS: what the server must prove.
  let identity: ServerIdentity?
  /// Time for connect and handshake together.
  let within: Duration
  let limits: TransportLimits
  /// Among its listener's connections; nil for one that we dialled.
  let seat: ListenerGuests.Seat?
  let makeHandler: HandlerFactory
}
