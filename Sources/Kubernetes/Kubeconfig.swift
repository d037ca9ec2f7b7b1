package import JSON

/// The configuration files of kubectl (client-go, tools/clientcmd/api/v1). YAML becomes JSON before it comes
/// here.
package struct Kubeconfig: Sendable {
  private let root: JSONValue
  /// What relative paths start from: the folder of the file.
  private let folder: String
  private let allowsInsecure: Bool

  /// - Parameters:
  ///   - context: the file's `current-context` if nil.
  ///   - folder: of the file, for the relative paths in it.
  ///   - allowsInsecure: whether `insecure-skip-tls-verify: true` is obeyed. Otherwise it is refused, since
  ///     such a connection gives the credential to whoever answers.
  package static func configuration(
    from kubeconfig: JSONValue, context: String? = nil, folder: String = ".", allowsInsecure: Bool = false
  ) throws(KubernetesError) -> ClusterConfiguration {
    let file = Kubeconfig(root: kubeconfig, folder: folder, allowsInsecure: allowsInsecure)
    return try file.configuration(context)
  }

  private func configuration(_ wanted: String?) throws(KubernetesError) -> ClusterConfiguration {
    guard let name = wanted ?? text(root, "current-context") else {
      throw .unusable("the kubeconfig has no current-context: name one")
    }
    let context = try entry("contexts", "context", name)
    let cluster = try entry("clusters", "cluster", try required(context, "cluster", of: "context '\(name)'"))
    var user = JSONValue.null
    if let named = text(context, "user") { user = try entry("users", "user", named) }
    guard text(cluster, "proxy-url") == nil else {
      throw .unusable("the kubeconfig asks for a proxy (proxy-url), which is not supported")
    }
    let server = try ServerAddress(try required(cluster, "server", of: "the cluster of '\(name)'"))
    return ClusterConfiguration(
      server: server, trust: try trust(cluster, server), credential: try credential(user),
      namespace: text(context, "namespace") ?? "default", tlsServerName: text(cluster, "tls-server-name"))
  }

  private func trust(
    _ cluster: JSONValue, _ server: ServerAddress
  ) throws(KubernetesError) -> ClusterConfiguration.Trust {
    guard server.isTLS else { return .plain }
    if cluster["insecure-skip-tls-verify"]?.bool == true {
      guard allowsInsecure else {
        throw .unusable(
          "the kubeconfig says insecure-skip-tls-verify for \(server): give certificate-authority instead"
        )
      }
      return .anyone
    }
    guard let authorities = try bytes(cluster, "certificate-authority") else {
      throw .unusable(
        "the kubeconfig names no certificate-authority for \(server), and the system's own are not trusted")
    }
    return .authorities(authorities)
  }

  /// kubectl's order: an exec plugin only where nothing else is given.
  private func credential(_ user: JSONValue) throws(KubernetesError) -> ClusterConfiguration.Credential {
    if let file = text(user, "tokenFile") { return .tokenFile(path(file)) }
    if let token = text(user, "token") {
      return .token(try BearerToken.checked(token, from: "the kubeconfig"))
    }
    let certificate = try bytes(user, "client-certificate")
    if let key = try bytes(user, "client-key"), let certificate {
      return .clientCertificate(certificate: certificate, key: key)
    }
    guard certificate == nil else {
      throw .unusable("the kubeconfig has a client-certificate without its client-key")
    }
    if let exec = user["exec"], !exec.isNull { return .exec(try ExecPlugin(exec, folder: folder)) }
    for key in ["username", "auth-provider", "as"] where user[key] != nil {
      throw .unusable(
        "the kubeconfig's user has '\(key)', which is not supported: use a token or certificate")
    }
    return .none
  }

  private func entry(_ list: String, _ member: String, _ name: String) throws(KubernetesError) -> JSONValue {
    let found = root[list]?.array?.first { $0["name"]?.string == name }
    guard let value = found?[member], value.object != nil else {
      throw .unusable("the kubeconfig has no \(member) '\(name)'")
    }
    return value
  }

  /// `KEY-data` in base64, or the file named by `KEY`. The data wins, as in kubectl.
  private func bytes(_ value: JSONValue, _ key: String) throws(KubernetesError) -> [UInt8]? {
    if let data = text(value, "\(key)-data") {
      guard let bytes = Base64.decoded(data) else {
        throw .unusable("\(key)-data in the kubeconfig is not base64")
      }
      return bytes
    }
    guard let file = text(value, key) else { return nil }
    return try SmallFile.read(path(file))
  }

  private func required(_ value: JSONValue, _ key: String, of what: String) throws(KubernetesError) -> String
  {
    guard let found = text(value, key) else { throw .unusable("\(what) in the kubeconfig has no '\(key)'") }
    return found
  }

  private func text(_ value: JSONValue, _ key: String) -> String? {
    value[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func path(_ file: String) -> String { file.hasPrefix("/") ? file : "\(folder)/\(file)" }
}
