import Foundation
import JSON
import Testing

@testable import Kubernetes

@Suite struct ConfigurationTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "kubeconfig-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func kubeconfig(cluster: JSONValue, user: JSONValue) -> JSONValue {
    [
      "current-context": "main",
      "contexts": [
        ["name": "main", "context": ["cluster": "c", "user": "u", "namespace": "team-a"]],
        ["name": "lost", "context": ["cluster": "nowhere", "user": "u"]],
      ],
      "clusters": [["name": "c", "cluster": cluster]], "users": [["name": "u", "user": user]],
    ]
  }

  private let secure: JSONValue = [
    "server": "https://api.example.com:6443", "certificate-authority-data": "Q0E=", "tls-server-name": "kube",
  ]

  @Test func `the current context says server, CA, user and namespace`() throws {
    let result = try Kubeconfig.configuration(from: kubeconfig(cluster: secure, user: ["token": "abc\n"]))
    #expect(result.server.description == "https://api.example.com:6443")
    #expect(result.trust == .authorities(Array("CA".utf8)))
    #expect(result.credential == .token("abc"))
    #expect(result.namespace == "team-a" && result.tlsServerName == "kube")
  }

  @Test func `files are relative to the kubeconfig and data wins over them`() throws {
    try withFolder { folder in
      for name in ["ca", "crt", "key"] {
        try name.write(toFile: "\(folder)/\(name).pem", atomically: true, encoding: .utf8)
      }
      let cluster: JSONValue = ["server": "api:6443", "certificate-authority": "ca.pem"]
      let user: JSONValue = [
        "client-certificate": "crt.pem", "client-key": .string("\(folder)/key.pem"),
        "client-key-data": "S0VZ",
      ]
      let result = try Kubeconfig.configuration(
        from: kubeconfig(cluster: cluster, user: user), folder: folder)
      #expect(result.trust == .authorities(Array("ca".utf8)))
      #expect(
        result.credential
          == .clientCertificate(certificate: Array("crt".utf8), key: Array("KEY".utf8)))
    }
  }

  @Test func `an unverified server is only talked to when the caller allows it`() throws {
    let loose = kubeconfig(
      cluster: ["server": "https://h", "insecure-skip-tls-verify": true], user: ["token": "t"])
    let error = #expect(throws: KubernetesError.self) { _ = try Kubeconfig.configuration(from: loose) }
    #expect(error?.message.contains("insecure-skip-tls-verify") == true)
    #expect(error?.message.hasSuffix("give certificate-authority instead") == true)
    #expect(try Kubeconfig.configuration(from: loose, allowsInsecure: true).trust == .anyone)
  }

  @Test(
    arguments: [
      (["server": "https://h"], ["token": "t"], "certificate-authority"),
      (["certificate-authority-data": "Q0E="], ["token": "t"], "'server'"),
      (["server": "https://h", "certificate-authority-data": "!"], ["token": "t"], "base64"),
      (
        ["server": "https://h", "certificate-authority": "/nowhere/ca.crt"], ["token": "t"], "/nowhere/ca.crt"
      ),
      (["server": "ftp://h:x", "certificate-authority-data": "Q0E="], ["token": "t"], "https://HOST"),
      (["server": "https://h", "certificate-authority-data": "Q0E="], ["username": "u"], "username"),
      (
        ["server": "https://h", "certificate-authority-data": "Q0E="], ["client-certificate-data": "Q0E="],
        "client-key"
      ),
      (
        ["server": "https://h", "certificate-authority-data": "Q0E="], ["exec": ["command": "x"]],
        "apiVersion"
      ),
      (["server": "https://h", "proxy-url": "http://p"], ["token": "t"], "proxy"),
    ] as [(JSONValue, JSONValue, String)])
  func `what cannot be used is named`(cluster: JSONValue, user: JSONValue, word: String) {
    let file = kubeconfig(cluster: cluster, user: user)
    let error = #expect(throws: KubernetesError.self) { _ = try Kubeconfig.configuration(from: file) }
    #expect(error?.reason == .unusable)
    #expect(error?.message.contains(word) == true, "\(String(describing: error))")
  }

  @Test func `a context that does not exist or leads nowhere is named`() {
    let file = kubeconfig(cluster: secure, user: ["token": "t"])
    for (context, word) in [("other", "context 'other'"), ("lost", "cluster 'nowhere'")] {
      let error = #expect(throws: KubernetesError.self) {
        _ = try Kubeconfig.configuration(from: file, context: context)
      }
      #expect(error?.message.contains(word) == true)
    }
  }

  @Test func `a pod finds its cluster by environment and files`() throws {
    try withFolder { root in
      let folder = "\(root)/var/run/secrets/kubernetes.io/serviceaccount"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (name, text) in [("token", "jwt\n"), ("ca.crt", "CA"), ("namespace", "clonegate\n")] {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
      let result = try ClusterConfiguration.inCluster(environment: environment, root: root)
      #expect(result.server.description == "https://[fd00::1]:443")
      #expect(result.credential == .tokenFile("\(folder)/token") && result.namespace == "clonegate")
      #expect(throws: KubernetesError.self) {
        _ = try ClusterConfiguration.inCluster(environment: [:], root: root)
      }
    }
  }

  @Test(arguments: [
    ("https://[::1]:6443/k8s/", "https://[::1]:6443/k8s"), ("10.0.0.1", "https://10.0.0.1:443"),
    ("http://localhost:8001", "http://localhost:8001"),
  ])
  func `an address is taken apart`(text: String, expected: String) throws {
    #expect(try ServerAddress(text).description == expected)
  }

  @Test(arguments: ["", "https://", "https://h:0", "https://h:99999", "https://u@h", "https://h/a b", "[::1"])
  func `what is no address is refused`(text: String) {
    #expect(throws: KubernetesError.self) { _ = try ServerAddress(text) }
  }

  @Test(arguments: 0..<20) func `base64 goes there and back`(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97) }
    #expect(Base64.encoded(bytes) == Data(bytes).base64EncodedString())
    #expect(Base64.decoded(Base64.encoded(bytes)) == bytes)
  }

  @Test(arguments: [
    ("2024-06-01T12:00:00.000000Z", 1_717_243_200_000_000), ("1970-01-01T00:00:00Z", 0),
    ("2000-02-29T23:59:59.1+01:00", 951_865_199_100_000), ("1969-12-31T23:59:59.999999Z", -1),
  ])
  func `a time is read and written to the microsecond`(text: String, microseconds: Int) throws {
    let time = try #require(MicroTime(text))
    #expect(time.microseconds == Int64(microseconds))
    #expect(MicroTime(time.description) == time)
    if text.hasSuffix("000Z") { #expect(time.description == text) }
  }

  @Test(arguments: [
    "", "2024-06-01", "2024-13-01T00:00:00Z", "2024-06-01T12:00:00", "2024-06-01T12:00:00.Zx",
  ])
  func `what is no time is refused`(text: String) { #expect(MicroTime(text) == nil) }
}
