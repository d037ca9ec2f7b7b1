import Glibc
import Transport

/// The four files of a certificate directory, and what `certs` does with them.
struct CertificateFiles {
  static let authority = "ca.crt", authorityKey = "ca.key", certificate = "tls.crt", key = "tls.key"
  /// Every certificate answers here too, so that a gate can be tried on its own machine.
  static let ownHosts = ["localhost", "127.0.0.1", "::1"]

  let directory: String

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// Makes an authority and a serving certificate.
  func make(hosts: [String], days: Int, authorityDays: Int, force: Bool) throws {
    let folder = try SecretFolder(path: directory)
    let names = [Self.authorityKey, Self.authority, Self.key, Self.certificate]
    if let present = names.first(where: folder.contains), !force {
      throw CommandFailure.failed(
        "\(path(present)) exists; every caBundle and --ca that pins its authority would become wrong",
        hint: "'clonegate certs renew --dir \(directory)' keeps the authority; --force replaces everything")
    }
    let authority = try CertificateAuthority(days: authorityDays)
    let leaf = try authority.issue(Self.request(hosts: hosts, days: days))
    try folder.write(authority.keyPEM(), to: Self.authorityKey, as: .key)
    try folder.write(authority.certificatePEM(), to: Self.authority, as: .certificate)
    try write(leaf, into: folder)
  }

  /// Makes a new key and certificate by the same authority, for the old certificate's names and more.
  func renew(adding hosts: [String], days: Int) throws {
    try require(Self.authority, Self.authorityKey, Self.certificate)
    let authority = try CertificateAuthority(certificate: path(Self.authority), key: path(Self.authorityKey))
    guard authority.info.isValid() else {
      throw CommandFailure.failed(
        "the authority in \(path(Self.authority)) is outside its dates and cannot sign",
        hint: "'clonegate certs init --dir \(directory) --force' makes a new one; update every caBundle then")
    }
    let old = try CertificateInfo(path: path(Self.certificate))
    let leaf = try authority.issue(Self.request(hosts: old.dnsNames + old.addresses + hosts, days: days))
    try write(leaf, into: SecretFolder(path: directory))
  }

  func report() throws -> CertificateReport {
    try require(Self.certificate, Self.key, Self.authority)
    return try CertificateReport(
      certificate: path(Self.certificate), key: path(Self.key), authority: path(Self.authority))
  }

  private func require(_ names: String...) throws {
    guard let absent = names.first(where: { access(path($0), F_OK) != 0 && errno == ENOENT }) else { return }
    throw CommandFailure.failed(
      "there is no \(path(absent))",
      hint: "'clonegate certs init --dir \(directory) --host NAME' makes it; --dir says where else to look")
  }

  /// The key first: a gate that reloads between the two sees a pair that does not match, keeps the old one,
  /// and takes the new pair when it looks again.
  private func write(_ leaf: (certificate: [UInt8], key: [UInt8]), into folder: SecretFolder) throws {
    try folder.write(leaf.key, to: Self.key, as: .key)
    try folder.write(leaf.certificate, to: Self.certificate, as: .certificate)
  }

  private static func request(hosts: [String], days: Int) -> CertificateAuthority.Request {
    var seen = Set<String>()
    var request = CertificateAuthority.Request(hosts: (hosts + ownHosts).filter { seen.insert($0).inserted })
    request.days = days
    return request
  }
}
