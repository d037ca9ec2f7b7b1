internal import Transport

/// Whom a client trusts and what it shows of itself: PEM bytes, so that a room which knows no TLS can pass on
/// what it was given.
package struct HTTPTrust: Sendable, Hashable {
  /// The certificates to trust, and no others. nil trusts every server: only on explicit demand.
  package var authorities: [UInt8]?
  /// Our own certificate and key, for servers that ask.
  package var certificate: [UInt8]?
  package var key: [UInt8]?

  package init(authorities: [UInt8]?, certificate: [UInt8]? = nil, key: [UInt8]? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }

  func context(protocols: [String]) throws(HTTPClientError) -> TLSClientContext {
    do throws(TransportError) {
      let own = certificate.flatMap { certificate in key.map { (certificate: certificate, key: $0) } }
      return try TLSClientContext(
        authorityBytes: authorities, protocols: protocols, certificateBytes: own)
    } catch {
      throw HTTPClientError(
        .untrusted, "the certificates given cannot be used: \(error.message)", cause: error.cause)
    }
  }
}
