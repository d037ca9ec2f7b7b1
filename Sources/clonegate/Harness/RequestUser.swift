import Authorization
import JSON

/// As whom a request is made.
enum RequestUser {
  private static let anonymous = "system:anonymous"
  private static let unauthenticated = "system:unauthenticated"

  /// Who sits at the terminal: the administrator of this machine. An API server allows members of
  /// `system:masters` everything, and so does the gate.
  static let local = UserInfo(
    name: "kubernetes-admin", groups: [UserInfo.superuserGroup, UserInfo.authenticatedGroup])

  /// Whom `--as` and `--as-group` make of it, by the API server's impersonation filter: a ServiceAccount has
  /// its groups unless others are given, and everyone but the anonymous user is authenticated.
  static func impersonating(_ name: String?, groups: [String]) -> UserInfo {
    guard let name else { return local }
    var user = UserInfo(name: name, groups: groups)
    if groups.isEmpty, let account = user.serviceAccountName {
      user.groups = UserInfo.serviceAccount(namespace: account.namespace, name: account.name).groups
    }
    let own = name == anonymous ? unauthenticated : UserInfo.authenticatedGroup
    if !user.groups.contains(UserInfo.authenticatedGroup), !user.groups.contains(unauthenticated) {
      user.groups.append(own)
    }
    return user
  }

  /// The `userInfo` of a review.
  static func json(_ user: UserInfo) -> JSONValue {
    var object: JSONObject = ["username": .string(user.name)]
    if !user.uid.isEmpty { object["uid"] = .string(user.uid) }
    object["groups"] = .array(user.groups.map { .string($0) })
    if !user.extra.isEmpty {
      var extra = JSONObject()
      for key in user.extra.keys.sorted() { extra[key] = .array((user.extra[key] ?? []).map { .string($0) }) }
      object["extra"] = .object(extra)
    }
    return .object(object)
  }
}
