/// The one who asks, as `userInfo` of an AdmissionReview or the spec of a SubjectAccessReview gives it.
package struct UserInfo: Sendable, Hashable {
  package var name: String
  package var uid: String
  package var groups: [String]
  package var extra: [String: [String]]

  package init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
    self.name = name
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }

  /// A ServiceAccount with the name and the three groups that its token would carry.
  package static func serviceAccount(namespace: String, name: String) -> UserInfo {
    UserInfo(
      name: serviceAccountPrefix + namespace + ":" + name,
      groups: ["system:serviceaccounts", "system:serviceaccounts:" + namespace, authenticatedGroup])
  }

  /// The group of everyone who proved an identity.
  package static let authenticatedGroup = "system:authenticated"
  /// The API server allows members everything before it asks RBAC, so `Policy` does too.
  package static let superuserGroup = "system:masters"
  static let serviceAccountPrefix = "system:serviceaccount:"

  /// Namespace and name when this is a ServiceAccount's user name.
  package var serviceAccountName: (namespace: String, name: String)? {
    guard name.utf8.starts(with: UserInfo.serviceAccountPrefix.utf8) else { return nil }
    let parts = name.utf8.dropFirst(UserInfo.serviceAccountPrefix.utf8.count)
      .split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (String(Substring(parts[0])), String(Substring(parts[1])))
  }

  /// For people: `ServiceAccount a/b` or `User alice`.
  package var description: String {
    if let account = serviceAccountName { return "ServiceAccount \(account.namespace)/\(account.name)" }
    return name.isEmpty ? "a user without a name" : "User \(name)"
  }
}
