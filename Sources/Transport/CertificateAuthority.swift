internal import COpenSSL
import Glibc

/// A P-256 certificate authority of our own, which signs certificates for servers and clients.
///
/// It is meant for one gate and those who call it: pin its certificate (`--ca`, `caBundle`), put it into no
/// system store. Keys are P-256 because a handshake with one costs an eighth of RSA 2048's and every API
/// server takes it.
package struct CertificateAuthority {
  /// What a certificate is to be for.
  package struct Request: Sendable {
    /// Host names (a leading `*.` is allowed) and numeric addresses that the certificate proves.
    package var hosts: [String]
    /// The subject; the first host if nil.
    package var commonName: String?
    package var days = CertificateAuthority.leafDays
    package var isServer = true
    package var isClient = false

    package init(hosts: [String]) { self.hosts = hosts }
  }

  /// A year: long enough for a machine without automation, short enough that renewal stays practised. Never
  /// longer than the authority itself.
  package static let leafDays = 365
  /// Ten years, as kubeadm gives its own: replacing an authority means touching every `caBundle`.
  package static let authorityDays = 3650
  /// Clocks differ; a certificate is good from five minutes before it was made.
  package static let clockSkew: Int64 = 300

  private let certificate: X509Certificate
  private let key: PrivateKey

  /// The authority's own certificate.
  package var info: CertificateInfo { CertificateInfo(certificate) }

  /// Makes a new authority.
  package init(making name: String = "clonegate CA", days: Int = authorityDays) throws(TransportError) {
    key = try PrivateKey.makeP256()
    certificate = try X509Certificate.blank(subject: name, issuer: nil, key: key)
    let begin = Int64(time(nil))
    certificate.setDates(from: begin - Self.clockSkew, to: begin + Int64(days) * 86_400)
    try certificate.add([
      (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
      (NID_subject_key_identifier, "hash"),
    ])
    try certificate.sign(with: key)
  }

  /// Reads an authority made before.
  package init(certificate path: String, key keyPath: String) throws(TransportError) {
    try self.init(PEM(path: path), PEM(path: keyPath))
  }

  /// Reads an authority from PEM bytes, of which the first certificate counts.
  /// - Parameter name: what messages call the place of both, such as a Secret.
  package init(certificate: [UInt8], key: [UInt8], name: String) throws(TransportError) {
    try self.init(PEM(name: name, bytes: certificate), PEM(name: name, bytes: key))
  }

  private init(_ pem: PEM, _ keyPEM: PEM) throws(TransportError) {
    certificate = try pem.certificates()[0]
    key = try keyPEM.privateKey()
    guard X509_check_private_key(certificate.raw, key.raw) == 1 else {
      throw .openSSL(
        .certificate, "the key in \(keyPEM.name) does not belong to the certificate in \(pem.name)")
    }
    guard CertificateInfo(certificate).isAuthority else {
      throw TransportError(
        .certificate, "\(pem.name) is not an authority's certificate: it cannot sign others")
    }
  }

  /// Signs a certificate with a new key.
  package func issue(_ request: Request) throws(TransportError) -> (certificate: [UInt8], key: [UInt8]) {
    let names = try Self.alternativeNames(request.hosts)
    // RFC 5280 gives a common name 64 characters; clients look at the alternative names only.
    let commonName = request.commonName ?? request.hosts.first { $0.utf8.count <= 64 } ?? "clonegate"
    let leafKey = try PrivateKey.makeP256()
    let leaf = try X509Certificate.blank(subject: commonName, issuer: certificate, key: leafKey)
    let begin = Int64(time(nil))
    leaf.setDates(
      from: begin - Self.clockSkew, to: min(begin + Int64(request.days) * 86_400, info.notAfter))
    let usage = [request.isServer ? "serverAuth" : nil, request.isClient ? "clientAuth" : nil].compactMap {
      $0
    }
    try leaf.add(
      [
        (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
        (NID_ext_key_usage, usage.joined(separator: ",")), (NID_subject_key_identifier, "hash"),
        (NID_authority_key_identifier, "keyid:always"),
      ] + (names.isEmpty ? [] : [(NID_subject_alt_name, names.joined(separator: ","))]))
    try leaf.sign(with: key)
    return (try leaf.pem(), try leafKey.pem())
  }

  package func certificatePEM() throws(TransportError) -> [UInt8] { try certificate.pem() }
  package func keyPEM() throws(TransportError) -> [UInt8] { try key.pem() }

  /// `DNS:` and `IP:` entries. Strict, because OpenSSL reads them as a configuration line.
  private static func alternativeNames(_ hosts: [String]) throws(TransportError) -> [String] {
    var names: [String] = []
    for host in hosts {
      if (try? SocketAddress(host: host, port: 0)) != nil {
        names.append("IP:\(host)")
      } else if isHostName(host) {
        names.append("DNS:\(host)")
      } else {
        throw TransportError(
          .certificate, "'\(host)' is not a host name (letters, digits, '-', '.') nor an IP address")
      }
    }
    return names
  }

  /// RFC 1123, with an optional wildcard as the whole first label.
  private static func isHostName(_ host: String) -> Bool {
    let name = host.hasPrefix("*.") ? host.dropFirst(2) : host[...]
    guard !name.isEmpty, host.utf8.count <= 253 else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.utf8.allSatisfy(isHostCharacter)
    }
  }

  private static func isHostCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
