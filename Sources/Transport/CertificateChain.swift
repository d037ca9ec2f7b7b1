internal import COpenSSL

/// Whether a server's certificate leads to somebody who is trusted.
enum CertificateChain {
  /// Why a client that trusts exactly `roots` would refuse the chain, its first certificate being the
  /// server's own; nil if it would not.
  /// - Parameter flags: of OpenSSL's verification (`X509_V_FLAG_...`).
  static func problem(
    of chain: [X509Certificate], trusting roots: [X509Certificate], flags: UInt = 0
  ) -> String? {
    let store = X509_STORE_new(), context = X509_STORE_CTX_new()
    defer {
      X509_STORE_CTX_free(context)
      X509_STORE_free(store)
    }
    for root in roots { X509_STORE_add_cert(store, root.raw) }
    X509_STORE_set_flags(store, flags)
    let others = copenssl_new_chain()
    defer { copenssl_free_chain(others) }
    for issuer in chain.dropFirst() { copenssl_chain_append(others, issuer.raw) }
    guard X509_STORE_CTX_init(context, store, chain[0].raw, others) == 1 else { return OpenSSLErrors.take() }
    X509_STORE_CTX_set_default(context, "ssl_server")
    guard X509_verify_cert(context) != 1 else { return nil }
    defer { ERR_clear_error() }
    return String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context))))
  }
}
