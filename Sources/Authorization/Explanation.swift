/// A verdict with everything that people ask next. Made by looking at the whole policy: for a command line,
/// not for the path of a request. It names other people's bindings, so show it to those who may read them.
package struct Explanation: Sendable {
  package let verdict: Verdict
  /// Every grant that allows it, by kind, namespace and name.
  package let grants: [Grant]
  /// What comes close, the most telling first; empty when it is allowed.
  package let nearMisses: [NearMiss]

  /// More near misses than these tell a reader nothing new.
  static let nearMissLimit = 5
}

/// Something that would have allowed it but for one thing.
package struct NearMiss: Sendable, Hashable {
  /// In the order in which they are told.
  package enum Kind: Int, Sendable, Comparable, CaseIterable {
    /// An object about this user or role was refused.
    case refusedObject
    /// A binding names the user, but its role does not exist.
    case missingRole
    /// A binding names somebody who differs from the user in upper and lower case only.
    case otherSpelling
    /// The user's own role names other objects, verbs, resources or API groups.
    case otherName, otherVerb, otherResource, otherGroup
    /// The user has it, in another namespace.
    case otherNamespace
    /// Others have it here.
    case otherSubject
    /// A role would do, and nobody is bound to it here.
    case unbound

    package static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  package let kind: Kind
  /// A whole sentence without a full stop.
  package let sentence: String
}

extension Policy {
  /// The verdict with every grant that allows it, or with the near misses.
  package func explain(_ attributes: Attributes) -> Explanation {
    let verdict = decide(attributes)
    let grants = allGrants(attributes)
    guard !verdict.allowed else { return Explanation(verdict: verdict, grants: grants, nearMisses: []) }
    let search = NearMissSearch(policy: self, attributes: attributes)
    return Explanation(verdict: verdict, grants: [], nearMisses: search.best(Explanation.nearMissLimit))
  }

  private func allGrants(_ attributes: Attributes) -> [Grant] {
    let question = Question(attributes)
    var grants: [Grant] = []
    for (number, binding) in bindings.enumerated() where binding.reaches(attributes) {
      guard let role = roleOfBinding[number], let rule = roles[role].firstRule(question) else { continue }
      for (position, subject) in binding.subjects.enumerated() where subject.matches(attributes.user) {
        grants.append(grant(Candidate(role: role, binding: number, subject: position), rule: rule))
      }
    }
    return grants
  }
}

extension Binding {
  /// Whether it can say anything about the question: a RoleBinding only about resources in its own namespace.
  func reaches(_ attributes: Attributes) -> Bool {
    guard identity.isNamespaced else { return true }
    return attributes.path == nil && identity.namespace == ExactText(attributes.namespace)
  }
}
