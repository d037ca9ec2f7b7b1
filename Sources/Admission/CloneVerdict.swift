package import Authorization

/// Whether a clone is allowed, on what that rests, and what would allow it.
///
/// Says nothing about whether the source exists: it is the same for a disk that is there and one that is not.
package struct CloneVerdict: Sendable {
  package let source: CloneSource
  package let targetNamespace: String
  /// Whose rights were asked, in this order.
  package let identities: [UserInfo]
  private let remedies: Remedy

  /// `sameNamespace`, `granted`, `implicitGrant`, or `forbidden`.
  package internal(set) var rule = Rule.forbidden
  /// The binding that allowed; nil for a denial, in the same namespace, and for a member of `system:masters`.
  package internal(set) var by: Grant?
  /// Every question put to the policy, with its answer.
  package internal(set) var asked: [Verdict] = []
  /// Questions that the policy said no to and that nobody else was asked: what a second opinion is for.
  package internal(set) var unanswered: [Attributes] = []
  /// The API server's words, where its yes is what allowed although the policy says no.
  var secondOpinion: String?

  init(source: CloneSource, targetNamespace: String, identities: [UserInfo], remedy: Remedy) {
    self.source = source
    self.targetNamespace = targetNamespace
    self.identities = identities
    remedies = remedy
  }

  package var allowed: Bool { rule != .forbidden }

  /// One sentence without a full stop.
  package var reason: String { reason(grant: grant) }

  /// - Parameter grant: this verdict's, for one who has it at hand.
  func reason(grant: String?) -> String {
    switch rule {
    case .sameNamespace: return "source and target are in the same namespace, where nobody is asked"
    case .granted: return how(grant)
    case .implicitGrant:
      return "\(how(grant)), which lets \(who(at: asked.last)) create pods in namespace \(quotedNamespace)"
    default: return denial
    }
  }

  /// Commands that would allow it, to be run in order; empty when it is allowed or no command could.
  package var remedy: [String] {
    guard !allowed else { return [] }
    return remedies.commands(for: identities, source: source)
  }

  /// The same for this one disk only.
  package var remedyForOneDisk: [String] {
    guard !allowed else { return [] }
    return remedies.commandsForOneDisk(for: identities, source: source)
  }

  /// `RoleBinding "a/b" (rule 0 of ClusterRole "c") to User d`; nil when no binding was needed.
  var grant: String? { by.map { BoundedText.sentence($0.description) } }

  private func how(_ grant: String?) -> String {
    if let grant { return "allowed by \(grant)" }
    if let secondOpinion { return "allowed by the API server, which was asked: \(secondOpinion)" }
    return asked.last.map { BoundedText.sentence($0.reason) } ?? "allowed"
  }

  private var quotedNamespace: String { BoundedText.quoted(source.id.namespace) }

  private func who(at verdict: Verdict?) -> String {
    Remedy.describe(verdict?.attributes.user ?? UserInfo(name: ""))
  }

  private var denial: String {
    let first = identities.first.map { Remedy.describe($0) } ?? "nobody"
    let others = identities.dropFirst().map { ", nor may \(Remedy.describe($0))" }.joined()
    let disk = source.id.name.isEmpty ? "" : " \(BoundedText.quoted(source.id.name))"
    return
      "\(first) may not create datavolumes/source (cdi.kubevirt.io)\(disk) in namespace \(quotedNamespace)"
      + others
  }
}
