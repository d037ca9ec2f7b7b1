import Foundation
import HTTP
import JSON
import RealCluster
import Testing

@testable import Kubernetes

/// Against the real API server; see `ReflectorTests` for why it is one suite.
extension ClientTests {
  /// Who the API server takes us for.
  private func whoAmI(_ client: KubernetesClient) async throws -> String? {
    let type = ResourceType("authentication.k8s.io", "v1", "selfsubjectreviews", namespaced: false)
    let review: JSONValue = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
    return try await client.create(type, review)["status"]?["userInfo"]?["username"]?.string
  }

  @Test func `a kubeconfig with a client certificate makes us its user`() async throws {
    let server = try await APIServer.shared.value
    let kubeconfig: JSONValue = [
      "current-context": "c",
      "contexts": [["name": "c", "context": ["cluster": "k", "user": "carol"]]],
      "clusters": [
        [
          "name": "k",
          "cluster": [
            "server": .string("https://localhost:\(server.port)"),
            "certificate-authority": "pki/apiserver.crt", "tls-server-name": "127.0.0.1",
          ],
        ]
      ],
      "users": [["name": "carol", "user": ["client-certificate": "carol.crt", "client-key": "carol.key"]]],
    ]
    let client = server.client(try Kubeconfig.configuration(from: kubeconfig, folder: server.folder))
    #expect(try await whoAmI(client) == "carol")
    await client.close()
  }

  @Test func `a token file that was replaced is read again when the old token is refused`() async throws {
    let server = try await APIServer.shared.value
    let file = "\(server.folder)/rotating"
    try "no-longer-good".write(toFile: file, atomically: true, encoding: .utf8)
    let client = server.client(try server.configuration(.tokenFile(file)))
    let refused = await #expect(throws: KubernetesError.self) { _ = try await whoAmI(client) }
    #expect(refused?.reason == .unauthorized)
    try "alice-token\n".write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try await whoAmI(client) == "alice")
    await client.close()
  }

  @Test func `a plugin's token and certificate are shown`() async throws {
    let server = try await APIServer.shared.value
    func credential(_ status: JSONValue) throws -> ClusterConfiguration {
      let text = JSONValue.object([
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status,
      ])
      return try server.configuration(
        .exec(
          ExecPlugin(
            command: "printf", arguments: ["%s", String(decoding: text.bytes, as: UTF8.self)])))
    }
    func pem(_ name: String) throws -> JSONValue {
      .string(try String(contentsOfFile: "\(server.folder)/\(name)", encoding: .utf8))
    }
    let token = server.client(try credential(["token": "alice-token"]))
    #expect(try await whoAmI(token) == "alice")
    let certificate = server.client(
      try credential(["clientCertificateData": try pem("carol.crt"), "clientKeyData": try pem("carol.key")]))
    #expect(try await whoAmI(certificate) == "carol")
    for client in [token, certificate] { await client.close() }
  }

  @Test func `a server that is not the one we trust is told nothing`() async throws {
    let server = try await APIServer.shared.value
    var wrongAuthority = try server.configuration(.token("admin-token"))
    wrongAuthority.trust = .authorities(
      Array(try Data(contentsOf: URL(filePath: "\(server.folder)/client-ca.crt"))))
    var wrongName = try server.configuration(.token("admin-token"))
    wrongName.tlsServerName = "api.example.com"
    for configuration in [wrongAuthority, wrongName] {
      let client = server.client(configuration)
      let error = await #expect(throws: KubernetesError.self) { _ = try await client.version() }
      #expect(error?.reason == .untrusted && error?.code == nil)
      await client.close()
    }
    var anyone = wrongName
    anyone.trust = .anyone
    let client = server.client(anyone)
    #expect(try await client.version()["gitVersion"] != nil)
    await client.close()
  }
}
