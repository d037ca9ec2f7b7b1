import ArgumentParser
import Authorization

/// As whom.
struct ImpersonationOptions: ParsableArguments {
  @Option(name: .customLong("as"), help: "User to act as.")
  var user: String?

  @Option(name: .customLong("as-group"), help: "Group of that user (repeatable).")
  var groups: [String] = []

  func validate() throws {
    if user == nil, !groups.isEmpty { throw ValidationError("--as-group needs --as") }
    if user == "" { throw ValidationError("--as needs a user name") }
  }

  var identity: UserInfo { RequestUser.impersonating(user, groups: groups) }
}
