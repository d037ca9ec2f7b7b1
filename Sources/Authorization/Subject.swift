/// Whom a binding names. A ServiceAccount without a namespace has been given its binding's.
package enum Subject: Sendable, Hashable {
  case user(String)
  case group(String)
  case serviceAccount(namespace: String, name: String)

  /// The name under which the policy indexes it: a ServiceAccount is the user
  /// `system:serviceaccount:NS:NAME`.
  var userName: String? {
    switch self {
    case .user(let name): name
    case .group: nil
    case .serviceAccount(let namespace, let name): UserInfo.serviceAccountPrefix + namespace + ":" + name
    }
  }

  /// Whether it names this user or one of the user's groups.
  package func matches(_ user: UserInfo) -> Bool {
    if case .group(let name) = self {
      return user.groups.contains { ExactText($0) == ExactText(name) }
    }
    return userName.map { ExactText($0) == ExactText(user.name) } ?? false
  }

  /// For people: `User alice`, `Group devs`, `ServiceAccount a/b`.
  package var description: String {
    switch self {
    case .user(let name): "User \(name)"
    case .group(let name): "Group \(name)"
    case .serviceAccount(let namespace, let name): "ServiceAccount \(namespace)/\(name)"
    }
  }

  package static func == (a: Subject, b: Subject) -> Bool { a.key == b.key }
  package func hash(into hasher: inout Hasher) { hasher.combine(key) }

  private var key: [ExactText] {
    switch self {
    case .user(let name): ["User", ExactText(name)]
    case .group(let name): ["Group", ExactText(name)]
    case .serviceAccount(let namespace, let name): ["ServiceAccount", ExactText(namespace), ExactText(name)]
    }
  }
}
