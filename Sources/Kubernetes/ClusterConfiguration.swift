internal import JSON

/// Where an API server is and who we are there.
package struct ClusterConfiguration: Sendable {
  /// What is shown with each request.
  package enum Credential: Sendable, Hashable {
    case none
    case token(String)
    /// A file that its writer replaces as tokens expire.
    case tokenFile(String)
    /// PEM bytes.
    case clientCertificate(certificate: [UInt8], key: [UInt8])
    /// A program that prints credentials (client.authentication.k8s.io/v1).
    case exec(ExecPlugin)
  }

  /// Whom to take for the API server.
  package enum Trust: Sendable, Hashable {
    /// PEM bytes of its authorities.
    case authorities([UInt8])
    /// Whoever answers. Only from a kubeconfig that says so, and only where the caller allows it.
    case anyone
    /// No TLS: `kubectl proxy` on loopback.
    case plain
  }

  package var server: ServerAddress
  package var trust: Trust
  package var credential: Credential
  /// The namespace that is meant when none is named.
  package var namespace: String
  /// What the server's certificate must be for, when that is not the server's host.
  package var tlsServerName: String?
  /// A whole call, with every retry in it.
  package var callLimit = KubernetesLimits.call

  package init(
    server: ServerAddress, trust: Trust, credential: Credential, namespace: String = "default",
    tlsServerName: String? = nil
  ) {
    self.server = server
    self.trust = trust
    self.credential = credential
    self.namespace = namespace
    self.tlsServerName = tlsServerName
  }
}

extension ClusterConfiguration {
  /// Where the kubelet puts a pod's credentials (Kubernetes documentation, "Accessing the API from a Pod").
  private static let serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The cluster that this pod runs in.
  /// - Parameters:
  ///   - environment: where `KUBERNETES_SERVICE_HOST` and `_PORT` are looked up.
  ///   - root: prefix of the credential's files, for tests.
  package static func inCluster(
    environment: [String: String], root: String = ""
  ) throws(KubernetesError) -> ClusterConfiguration {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = UInt16(environment["KUBERNETES_SERVICE_PORT"] ?? ""), port > 0
    else {
      throw .unusable(
        "this is no pod of a cluster: KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set; give a "
          + "kubeconfig")
    }
    let folder = root + serviceAccount
    let tokenFile = "\(folder)/token"
    _ = try TokenFile.read(tokenFile)
    var namespace = "default"
    if let bytes = try? SmallFile.read("\(folder)/namespace") {
      namespace = PlainText.line(String(decoding: bytes, as: UTF8.self), limit: 253)
    }
    return ClusterConfiguration(
      server: ServerAddress(isTLS: true, host: host, port: port, path: ""),
      trust: .authorities(try SmallFile.read("\(folder)/ca.crt")), credential: .tokenFile(tokenFile),
      namespace: namespace)
  }
}
