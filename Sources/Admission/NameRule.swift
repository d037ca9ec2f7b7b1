internal import Authorization

/// Kubernetes' rules for names (RFC 1123), told in one short sentence.
package enum NameRule {
  /// Namespaces.
  case label
  /// Claims, snapshots, DataVolumes.
  case subdomain

  /// Nil when something can have this name.
  package func problem(with name: String) -> String? {
    let problems =
      self == .label ? KubernetesName.labelProblems(name) : KubernetesName.subdomainProblems(name)
    guard !problems.isEmpty else { return nil }
    if name.isEmpty { return "it is empty" }
    let dot = self == .label ? "" : ", '.'"
    let length = self == .label ? 63 : 253
    return "a name has at most \(length) characters, lower case letters, digits\(dot) and '-', "
      + "and starts and ends with a letter or digit"
  }
}
