import Foundation
import Testing

@testable import Transport

@Suite struct CertificateTests {
  @Test func `OpenSSL's own tool accepts what the authority signs`() async throws {
    let place = try Place()
    #expect(
      try await place.shell("openssl verify -x509_strict -purpose sslserver -CAfile ca.crt tls.crt")
        == "tls.crt: OK\n")
    let text = try await place.shell("openssl x509 -in tls.crt -noout -text")
    #expect(text.contains("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"))
    #expect(text.contains("TLS Web Server Authentication") && !text.contains("TLS Web Client Authentication"))
    #expect(text.contains("prime256v1"))
    let fingerprint = try await place.shell("openssl x509 -in tls.crt -noout -fingerprint -sha256")
    #expect(fingerprint.contains(try CertificateInfo(path: place.path("tls.crt")).fingerprint))
  }

  @Test func `a certificate says whose it is and how long it lasts`() throws {
    let place = try Place()
    let info = try CertificateInfo(path: place.path("tls.crt")), now = Int64(time(nil))
    #expect(info.subject == "localhost" && info.issuer == "ca of a test" && !info.isAuthority)
    #expect(info.dnsNames == ["localhost"] && info.addresses == ["127.0.0.1", "::1"])
    #expect(info.daysLeft(at: now) >= 364 && info.isValid(at: now))
    #expect(info.daysLeft(at: info.notAfter) == 0 && info.daysLeft(at: info.notAfter + 1) == -1)
    #expect(!info.isValid(at: info.notAfter + 1) && !info.isValid(at: info.notBefore - 1))
    #expect(try CertificateInfo(path: place.path("ca.crt")).isAuthority)
  }

  @Test func `a certificate never outlives its authority`() throws {
    let authority = try CertificateAuthority(making: "short", days: 10)
    let leaf = try authority.issue(.init(hosts: ["localhost"]))
    let info = try CertificateInfo(PEM(name: "leaf", bytes: leaf.certificate))
    #expect(info.notAfter == authority.info.notAfter)
  }

  @Test(arguments: [
    "", "a b", "gate,DNS:evil.example", "gate\nIP:1.2.3.4", "-gate", "gate-.example", "gate..svc", "*",
    "a.*.example",
    "gäte", String(repeating: "a", count: 64), "dirName:x",
  ])
  func `what is no host name is not signed`(_ host: String) throws {
    let authority = try CertificateAuthority()
    #expect(throws: TransportError.self) { try authority.issue(.init(hosts: [host])) }
  }

  @Test(arguments: [
    "gate.clonegate.svc", "*.example.com", "10.0.0.1", "fd00::1", String(repeating: "a", count: 63) + ".b",
  ])
  func `host names and addresses are signed`(_ host: String) throws {
    let leaf = try CertificateAuthority().issue(.init(hosts: [host]))
    let info = try CertificateInfo(PEM(name: "leaf", bytes: leaf.certificate))
    #expect(info.dnsNames + info.addresses == [host])
  }

  @Test func `a serving certificate cannot sign, nor an authority with a foreign key`() throws {
    let place = try Place()
    try place.makeAuthority("other")
    #expect(throws: TransportError.self) {
      try CertificateAuthority(certificate: place.path("tls.crt"), key: place.path("tls.key"))
    }
    #expect(throws: TransportError.self) {
      try CertificateAuthority(certificate: place.path("ca.crt"), key: place.path("other.key"))
    }
  }

  @Test func `a report tells a good pair from a wrong key and a wrong authority`() throws {
    let place = try Place()
    try place.makeAuthority("other")
    func report(_ key: String, _ authority: String) throws -> CertificateReport {
      try CertificateReport(
        certificate: place.path("tls.crt"), key: place.path(key), authority: place.path(authority))
    }
    let good = try report("tls.key", "ca.crt"), wrong = try report("ca.key", "other.crt")
    #expect(good.keyMatches && good.chainProblem == nil)
    #expect(!wrong.keyMatches && wrong.chainProblem == "unable to get local issuer certificate")
  }

  @Test func `a caBundle holds the certificates and never a key`() throws {
    let place = try Place()
    let both =
      try String(contentsOfFile: place.path("ca.key"), encoding: .utf8)
      + String(contentsOfFile: place.path("ca.crt"), encoding: .utf8)
    try place.write(Array(both.utf8), "both.crt")
    let bundle = try AuthorityBundle(path: place.path("both.crt"))
    let decoded = Data(base64Encoded: bundle.base64).map { String(decoding: $0, as: UTF8.self) }
    #expect(decoded == (try String(contentsOfFile: place.path("ca.crt"), encoding: .utf8)))
  }
}

@Suite struct SecretFolderTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : 0
  }

  @Test func `keys are for their owner and certificates for everyone, whatever the umask or the file before`()
    async
  {
    await #expect(processExitsWith: .success) {
      let place = try Place()
      umask(0o077)
      try place.write([1], "made.crt")
      umask(0)
      try place.write([1], "made.key")
      try place.write([2], "made.key")
      var key = stat(), certificate = stat()
      precondition(stat(place.path("made.key"), &key) == 0 && stat(place.path("made.crt"), &certificate) == 0)
      try FileManager.default.removeItem(atPath: place.directory)  // exit runs no deinit
      exit(key.st_mode & 0o777 == 0o600 && certificate.st_mode & 0o777 == 0o644 ? 0 : 1)
    }
  }

  @Test func `a link in the way is replaced and what it points to is left alone`() async throws {
    let place = try Place()
    try await place.shell("echo precious > victim; ln -s victim tls2.key")
    #expect(try SecretFolder(path: place.directory).contains("tls2.key"))
    try place.write([1, 2, 3], "tls2.key")
    #expect(mode(place.path("tls2.key")) & S_IFMT == S_IFREG)
    #expect(try String(contentsOfFile: place.path("victim"), encoding: .utf8) == "precious\n")
    #expect(try await place.shell("ls -A | grep -c '^[.]' || true") == "0\n")
  }

  @Test func `a link to a directory is not used as one`() async throws {
    let place = try Place()
    try await place.shell("mkdir real; ln -s real link")
    #expect(throws: TransportError.self) { try SecretFolder(path: place.path("link")) }
  }
}
