import Foundation

@testable import Transport

/// A directory with an authority, a serving certificate and whatever a test adds; gone with the object.
final class Place: Sendable {
  let directory: String

  init() throws {
    var template = Array("/tmp/clonegate-transport-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
    let authority = try makeAuthority("ca")
    try issue("tls", by: authority, .init(hosts: ["localhost", "127.0.0.1", "::1"]))
  }
  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  @discardableResult
  func makeAuthority(_ name: String) throws -> CertificateAuthority {
    let authority = try CertificateAuthority(making: "\(name) of a test")
    try write(authority.certificatePEM(), "\(name).crt")
    try write(authority.keyPEM(), "\(name).key")
    return authority
  }

  func issue(_ name: String, by authority: CertificateAuthority, _ request: CertificateAuthority.Request)
    throws
  {
    let leaf = try authority.issue(request)
    try write(leaf.certificate, "\(name).crt")
    try write(leaf.key, "\(name).key")
  }

  /// A certificate for a client with this common name.
  func issueClient(_ name: String, commonName: String, by authority: CertificateAuthority) throws {
    var request = CertificateAuthority.Request(hosts: [])
    request.commonName = commonName
    (request.isServer, request.isClient) = (false, true)
    try issue(name, by: authority, request)
  }

  var authority: CertificateAuthority {
    get throws { try CertificateAuthority(certificate: path("ca.crt"), key: path("ca.key")) }
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try SecretFolder(path: directory).write(bytes, to: name, as: name.hasSuffix(".key") ? .key : .certificate)
  }

  func serverContext(_ change: (inout TLSServerContext.Configuration) -> Void = { _ in }) throws
    -> TLSServerContext
  {
    var configuration = TLSServerContext.Configuration(certificate: path("tls.crt"), key: path("tls.key"))
    change(&configuration)
    return try TLSServerContext(configuration)
  }

  func clientContext(_ authority: String = "ca.crt", protocols: [String] = []) throws -> TLSClientContext {
    try TLSClientContext(authorities: path(authority), protocols: protocols)
  }

  /// Runs a command here; standard output and standard error together.
  @discardableResult
  func shell(_ command: String) async throws -> String {
    try await aside { Result { try self.run(command) } }.get()
  }

  private func run(_ command: String) throws -> String {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec 2>&1; \(command)"]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  /// `openssl s_client` against the server, with nothing to say: it prints what was agreed.
  func openssl(_ server: Server, _ options: String, input: String = "</dev/null") async throws -> String {
    try await shell(
      "timeout -k 1 60 openssl s_client -connect 127.0.0.1:\(server.address.port) -CAfile ca.crt "
        + "-verify_return_error \(options) \(input)")
  }
}
