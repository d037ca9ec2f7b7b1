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
}
