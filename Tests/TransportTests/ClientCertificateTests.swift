import Testing

@testable import Transport

@Suite struct ClientCertificateTests {
  /// A server that wants `apiserver`, and clients of several kinds.
  private func setting() async throws -> (Place, Server) {
    let place = try Place(), authority = try place.makeAuthority("clients"),
      stranger = try place.makeAuthority("other")
    try place.issueClient("good", commonName: "apiserver", by: authority)
    try place.issueClient("wrong-name", commonName: "somebody", by: authority)
    try place.issueClient("wrong-authority", commonName: "apiserver", by: stranger)
    var bySAN = CertificateAuthority.Request(hosts: ["apiserver"])
    (bySAN.commonName, bySAN.isServer, bySAN.isClient) = ("nobody", false, true)
    try place.issue("by-san", by: authority, bySAN)
    try place.issue("server-only", by: authority, .init(hosts: ["apiserver"]))
    let context = try place.serverContext {
      $0.clientAuthorities = place.path("clients.crt")
      $0.clientNames = ["apiserver", "other-name"]
    }
    let server = try await Server.start(tls: context) { connection, log in
      log.note("known as \(connection.clientName ?? "nobody")\(connection.isResumed ? " again" : "")")
      return Scripted.farewell(connection, log)
    }
    return (place, server)
  }

  @Test(arguments: ["good", "by-san"])
  func `a client whose certificate bears an allowed name is welcome`(_ name: String) async throws {
    let (place, server) = try await setting()
    _ = try await place.openssl(server, "-cert \(name).crt -key \(name).key")
    #expect(await server.log.first("known") == "known as apiserver")
    await server.stop()
  }

  @Test(arguments: [
    (
      "-cert wrong-name.crt -key wrong-name.key", "the client certificate names none of apiserver, other-name"
    ),
    ("-cert wrong-authority.crt -key wrong-authority.key", "unable to get local issuer certificate"),
    ("-cert server-only.crt -key server-only.key", "unsuitable certificate purpose"),
    ("", "peer did not return a certificate"),
  ])
  func `any other client is refused in the handshake`(_ options: String, _ reason: String) async throws {
    let (place, server) = try await setting()
    let seen = try await place.openssl(server, "-ign_eof \(options)")
    #expect(seen.contains("alert"))
    #expect(await server.log.first("refused") == "refused TLS handshake failed: \(reason)")
    #expect(!server.log.all.contains { $0.hasPrefix("known") })
    await server.stop()
  }

  @Test func `a resumed session keeps the name that was proved`() async throws {
    let (place, server) = try await setting()
    let certificate = "-cert good.crt -key good.key -ign_eof"
    _ = try await place.openssl(server, "\(certificate) -sess_out session.pem")
    let second = try await place.openssl(server, "\(certificate) -sess_in session.pem")
    #expect(second.contains("Reused, TLSv1.3"))
    #expect(await server.log.first("known as apiserver again") != nil)
    await server.stop()
  }

  @Test func `names without an authority are a configuration error, since nobody could be refused`() throws {
    let place = try Place()
    #expect(throws: TransportError.self) { try place.serverContext { $0.clientNames = ["apiserver"] } }
  }
}
