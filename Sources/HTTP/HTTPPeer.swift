/// Who is at the other end of a connection; made once for each connection.
package final class HTTPPeer: Sendable {
  /// Address and port as text, for logs.
  package let address: String
  /// The names that the peer's verified certificate carries (subject common name first); empty without one.
  package let certificateNames: [String]

  package init(address: String, certificateNames: [String] = []) {
    self.address = address
    self.certificateNames = certificateNames
  }
}
