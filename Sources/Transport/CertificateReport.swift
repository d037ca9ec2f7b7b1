internal import COpenSSL

/// Whether a certificate, a key and an authority belong together.
package struct CertificateReport: Sendable {
  package let certificate: CertificateInfo
  package let authority: CertificateInfo
  package let keyMatches: Bool
  /// Why a client that pins the authority would refuse the certificate as a server's; nil if it would not.
  package let chainProblem: String?

  /// Reads three PEM files.
  package init(certificate: String, key: String, authority: String) throws(TransportError) {
    let chain = try PEM(path: certificate).certificates()
    let roots = try PEM(path: authority).certificates()
    let privateKey = try PEM(path: key).privateKey()
    self.certificate = CertificateInfo(chain[0])
    self.authority = CertificateInfo(roots[0])
    keyMatches = X509_check_private_key(chain[0].raw, privateKey.raw) == 1
    ERR_clear_error()
    chainProblem = Self.verify(chain, roots)
  }

  private static func verify(_ chain: [X509Certificate], _ roots: [X509Certificate]) -> String? {
    let store = X509_STORE_new(), context = X509_STORE_CTX_new()
    defer {
      X509_STORE_CTX_free(context)
      X509_STORE_free(store)
    }
    for root in roots { X509_STORE_add_cert(store, root.raw) }
    let others = copenssl_new_chain()
    defer { copenssl_free_chain(others) }
    for issuer in chain.dropFirst() { copenssl_chain_append(others, issuer.raw) }
    guard X509_STORE_CTX_init(context, store, chain[0].raw, others) == 1 else { return OpenSSLErrors.take() }
    X509_STORE_CTX_set_default(context, "ssl_server")
    guard X509_verify_cert(context) != 1 else { return nil }
    return String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context))))
  }
}
