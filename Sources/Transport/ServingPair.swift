internal import COpenSSL

/// A serving certificate and its key, as they are stored somewhere: shown to belong together.
package struct ServingPair: Sendable {
  package let info: CertificateInfo
  private let certificate: PEM

  /// - Parameter name: what messages call the place of both, such as a Secret.
  /// - Throws: `certificate`, when either is unreadable or they do not belong together.
  package init(certificate: [UInt8], key: [UInt8], name: String) throws(TransportError) {
    self.certificate = PEM(name: name, bytes: certificate)
    let leaf = try self.certificate.certificates()[0]
    let privateKey = try PEM(name: name, bytes: key).privateKey()
    guard X509_check_private_key(leaf.raw, privateKey.raw) == 1 else {
      throw .openSSL(.certificate, "the key in \(name) does not belong to the certificate beside it")
    }
    info = CertificateInfo(leaf)
  }

  /// The first of these authorities that vouches for the certificate, whatever the date is; nil if none does.
  package func signer(among authorities: AuthorityBundle) -> CertificateInfo? {
    guard let chain = try? certificate.certificates() else { return nil }
    let flags = UInt(X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN)
    return authorities.members.first { member in
      guard let root = try? PEM(name: "an authority", bytes: member.pem).certificates() else { return false }
      return CertificateChain.problem(of: chain, trusting: root, flags: flags) == nil
    }?.info
  }
}
