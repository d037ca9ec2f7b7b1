/// Who is at the other end of a connection; made once for each connection.
package final class HTTPPeer: Sendable {
  /// Address and port as text, for logs.
  package let address: String
  /// The allowed name that the peer's verified certificate proved; nil when no certificate was asked for.
  package let clientName: String?

  package init(address: String, clientName: String? = nil) {
    self.address = address
    self.clientName = clientName
  }
}
