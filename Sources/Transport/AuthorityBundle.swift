internal import COpenSSL

/// Authorities that a client is to trust: a `caBundle`.
package struct AuthorityBundle: Sendable {
  /// One certificate, with the PEM that it is published as.
  package struct Member: Sendable, Hashable {
    package let info: CertificateInfo
    package let pem: [UInt8]
  }

  package let members: [Member]

  package init(members: [Member]) { self.members = members }

  /// Reads a PEM file. Only certificates pass: a key that lies in the same file is not published.
  package init(path: String) throws(TransportError) { try self.init(PEM(path: path)) }

  /// Reads PEM bytes; `name` is what messages call them.
  package init(bytes: [UInt8], name: String) throws(TransportError) {
    try self.init(PEM(name: name, bytes: bytes))
  }

  private init(_ pem: PEM) throws(TransportError) {
    var members: [Member] = []
    for certificate in try pem.certificates() {
      members.append(Member(info: CertificateInfo(certificate), pem: try certificate.pem()))
    }
    self.members = members
  }

  package var authorities: [CertificateInfo] { members.map(\.info) }
  package var pem: [UInt8] { members.flatMap(\.pem) }

  /// Base64 of the PEM, as `caBundle` wants it.
  package var base64: String {
    let bytes = pem
    var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
    return String(decoding: text[..<Int(count)], as: UTF8.self)
  }
}
