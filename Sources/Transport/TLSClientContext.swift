/// Whom a client trusts: exactly the given authorities, never the system's.
package final class TLSClientContext: Sendable {
  let context: TLSContext

  /// - Parameters:
  ///   - authorities: PEM file of the certificates to trust.
  ///   - protocols: ALPN names to offer, the preferred first.
  ///   - certificate: PEM files of our own certificate and key, for servers that ask.
  package init(
    authorities: String, protocols: [String] = ["h2", "http/1.1"], minimumVersion: TLSVersion = .tls12,
    certificate: (certificate: String, key: String)? = nil
  ) throws(TransportError) {
    context = try TLSContext(server: false, minimum: minimumVersion, protocols: protocols)
    try context.verifyServer(authorities: PEM(path: authorities))
    guard let certificate else { return }
    try context.use(certificate: PEM(path: certificate.certificate), key: PEM(path: certificate.key))
  }

  /// The same from PEM bytes, for certificates that never were files.
  ///
  /// - Parameter authorities: nil trusts every server. Only for what somebody demanded in so many words: such
  ///   a connection is private, but nobody knows with whom.
  package init(
    authorityBytes authorities: [UInt8]?, protocols: [String] = ["h2", "http/1.1"],
    minimumVersion: TLSVersion = .tls12, certificateBytes: (certificate: [UInt8], key: [UInt8])? = nil
  ) throws(TransportError) {
    context = try TLSContext(server: false, minimum: minimumVersion, protocols: protocols)
    if let authorities {
      try context.verifyServer(authorities: PEM(name: "the CA given", bytes: authorities))
    }
    guard let own = certificateBytes else { return }
    try context.use(
      certificate: PEM(name: "the client certificate given", bytes: own.certificate),
      key: PEM(name: "the client key given", bytes: own.key))
  }
}
