internal import Authorization

/// The commands that would allow a refused clone, exact enough to be pasted into a shell.
struct Remedy: Sendable {
  /// The ClusterRole of the reference document, and a second name for when that one grants something else.
  private static let names = ["datavolume-cloner", "clonegate-datavolume-cloner"]
  /// Longer identities are not printed: a command with half a name would grant to somebody else.
  private static let maxIdentity = 512
  /// Nobody should be told to give rights to everybody.
  private static let anonymous = "system:anonymous"

  private let role: String
  private let roleExists: Bool

  /// Looks once for a ClusterRole that allows cloning any disk of a namespace and nothing of other API
  /// groups.
  init(policy: Policy) {
    let right = CloneRight.cloneSource
    let known = policy.clusterRoles(
      grantingOnly: right.group, verb: "create", resource: right.resource, subresource: right.subresource)
    roleExists = !known.isEmpty
    if let role = Remedy.names.first(where: known.contains) ?? known.first {
      self.role = role
    } else {
      role = Remedy.names.first { !policy.hasClusterRole(named: $0) } ?? Remedy.names[0]
    }
  }

  /// In the order in which they are run. Empty when no command could help: a namespace that cannot exist, or
  /// nobody to name. The grant goes to the first identity that can be named: to the requester rather than to
  /// a namespace.
  func commands(for identities: [UserInfo], source: CloneSource) -> [String] {
    guard KubernetesName.labelProblems(source.id.namespace).isEmpty,
      let identity = identities.first(where: Remedy.canBeNamed)
    else { return [] }
    let bind =
      "kubectl create rolebinding \(Remedy.bindingName(for: identity)) --clusterrole=\(Remedy.shell(role)) "
      + "\(Remedy.subjectFlag(identity)) -n \(source.id.namespace)"
    let create =
      "kubectl create clusterrole \(role) --verb=create --resource=datavolumes.cdi.kubevirt.io/source"
    return roleExists ? [bind] : [create, bind]
  }

  /// The same for this one disk and no other: a Role of its namespace that names it. Empty when no command
  /// could help, or when the disk cannot have that name.
  func commandsForOneDisk(for identities: [UserInfo], source: CloneSource) -> [String] {
    guard KubernetesName.labelProblems(source.id.namespace).isEmpty,
      KubernetesName.subdomainProblems(source.id.name).isEmpty,
      let identity = identities.first(where: Remedy.canBeNamed)
    else { return [] }
    let role = "clone-\(source.id.name)"
    let place = "-n \(source.id.namespace)"
    return [
      "kubectl create role \(role) --verb=create --resource=datavolumes.cdi.kubevirt.io/source "
        + "--resource-name=\(source.id.name) \(place)",
      "kubectl create rolebinding \(Remedy.bindingName(for: identity))-\(source.id.name) --role=\(role) "
        + "\(Remedy.subjectFlag(identity)) \(place)",
    ]
  }

  /// For people: `User "alice"`, `ServiceAccount a/b`. Safe to print.
  static func describe(_ identity: UserInfo) -> String {
    if let account = identity.serviceAccountName {
      return "ServiceAccount \(BoundedText.plain(account.namespace))/\(BoundedText.plain(account.name))"
    }
    return identity.name.isEmpty ? "a user without a name" : "User \(BoundedText.quoted(identity.name))"
  }

  private static func canBeNamed(_ identity: UserInfo) -> Bool {
    !identity.name.isEmpty && identity.name.utf8.count <= maxIdentity && identity.name != anonymous
      && !identity.name.utf8.contains(0)
  }

  private static func subjectFlag(_ identity: UserInfo) -> String {
    if let account = identity.serviceAccountName {
      return "--serviceaccount=" + shell("\(account.namespace):\(account.name)")
    }
    return "--user=" + shell(identity.name)
  }

  /// A name that two identities share only if they are the same: what cannot be part of it is replaced, and
  /// then a hash of the whole keeps them apart.
  private static func bindingName(for identity: UserInfo) -> String {
    let account = identity.serviceAccountName.map { "\($0.namespace)-\($0.name)" }
    let text = account ?? identity.name
    let safe = String(text.lowercased().unicodeScalars.map { isPlain($0) ? Character($0) : "-" }.prefix(48))
    let isSame = account == nil && safe == text
    return "clone-for-\(safe)" + (isSame ? "" : "-" + hash(identity.name))
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "."
  }

  /// FNV-1a, 32 bits, as hexadecimal: short, and the same on every machine.
  private static func hash(_ text: String) -> String {
    let number = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return String(number, radix: 16)
  }

  /// A word of a POSIX shell, built scalar by scalar: to a shell a quote is a quote, whatever accent follows.
  /// What a terminal would act on takes bash's `$'…'` form.
  private static func shell(_ text: String) -> String {
    let bare = text.utf8.allSatisfy { byte in
      isPlain(Unicode.Scalar(byte)) || ("A"..."Z").contains(Unicode.Scalar(byte))
        || ":_@+/=,".utf8.contains(byte)
    }
    if bare, !text.isEmpty { return text }
    if !text.unicodeScalars.contains(where: BoundedText.isUnprintable) {
      return "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }
    let escaped = text.utf8.map { byte in
      byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\")
        ? "\\x" + hexadecimal(byte) : String(Unicode.Scalar(byte))
    }
    return "$'" + escaped.joined() + "'"
  }

  /// Two digits, because bash would take a third one in.
  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
  }
}
