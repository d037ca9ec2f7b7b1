internal import COpenSSL

/// The authorities that an API server is to trust for a webhook: a `caBundle`.
package struct AuthorityBundle: Sendable {
  /// Base64 of the PEM, as `caBundle` wants it.
  package let base64: String
  package let authorities: [CertificateInfo]

  /// Reads a PEM file. Only certificates pass: a key that lies in the same file is not published.
  package init(path: String) throws(TransportError) {
    let certificates = try PEM(path: path).certificates()
    var bytes: [UInt8] = []
    for certificate in certificates { bytes += try certificate.pem() }
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
    base64 = String(decoding: text[..<Int(count)], as: UTF8.self)
    authorities = certificates.map(CertificateInfo.init)
  }
}
