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
    chainProblem = CertificateChain.problem(of: chain, trusting: roots)
  }
}
