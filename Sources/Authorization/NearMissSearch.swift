/// Goes through the whole policy once and collects what comes close to allowing a denied question.
struct NearMissSearch {
  let policy: Policy
  let attributes: Attributes
  let question: Question

  /// So many subjects or names of one object are listed before "and N more".
  private static let listLimit = 3

  init(policy: Policy, attributes: Attributes) {
    self.policy = policy
    self.attributes = attributes
    question = Question(attributes)
  }

  func best(_ limit: Int) -> [NearMiss] {
    let all = refusedObjects() + bindings() + unboundRoles()
    let order = all.enumerated().sorted { ($0.element.kind, $0.offset) < ($1.element.kind, $1.offset) }
    return Array(order.prefix(limit).map(\.element))
  }

  /// Refused objects of the namespace asked about, and of the whole cluster.
  private func refusedObjects() -> [NearMiss] {
    policy.problems
      .filter { $0.severity == .refused }
      .filter { $0.namespace.isEmpty || ExactText($0.namespace) == ExactText(attributes.namespace) }
      .map { NearMiss(kind: .refusedObject, sentence: $0.message) }
  }

  private func bindings() -> [NearMiss] {
    zip(policy.bindings, policy.roleOfBinding).compactMap { binding, role in
      nearMiss(binding, role: role.map { policy.roles[$0] })
    }
  }

  private func nearMiss(_ binding: Binding, role: Role?) -> NearMiss? {
    let isMine = binding.subjects.contains { $0.matches(attributes.user) }
    let isHere = binding.reaches(attributes)
    guard let role else {
      guard isMine, isHere else { return nil }
      return miss(
        .missingRole,
        "\(binding.identity.description) names \(you), but \(binding.roleIdentity.description) does not exist"
      )
    }
    let grants = role.firstRule(question) != nil
    switch (grants, isMine, isHere) {
    case (true, true, false):
      let place = FieldProblem.quoted(binding.identity.namespace.text)
      let sentence = "\(binding.identity.description) gives it to \(you) in namespace \(place) only"
      return miss(.otherNamespace, sentence)
    case (true, false, true): return otherSubject(binding)
    case (false, true, true): return partial(binding, role)
    default: return nil
    }
  }

  private func otherSubject(_ binding: Binding) -> NearMiss? {
    if let twin = binding.subjects.first(where: isSpelledLikeMe) {
      return miss(
        .otherSpelling,
        "\(binding.identity.description) grants it to \(twin.description), which is not \(you): "
          + "names are compared letter for letter, with upper and lower case")
    }
    guard !binding.entries.isEmpty else { return nil }
    let list = listed(binding.subjects.map(\.description))
    return miss(.otherSubject, "\(binding.identity.description) grants it to \(list), not to \(you)")
  }

  private func isSpelledLikeMe(_ subject: Subject) -> Bool {
    if case .group(let name) = subject {
      return attributes.user.groups.contains { $0.lowercased() == name.lowercased() }
    }
    return subject.userName.map { $0.lowercased() == attributes.user.name.lowercased() } ?? false
  }

  /// The user's own role, when one of its rules fits but for one field.
  private func partial(_ binding: Binding, _ role: Role) -> NearMiss? {
    let mine = "\(binding.identity.description) gives \(you) \(role.identity.description)"
    return role.rules.lazy.compactMap { rule in difference(rule, mine) }.first
  }

  private func difference(_ rule: Rule, _ mine: String) -> NearMiss? {
    guard question.path == nil, rule.paths.isEmpty else { return nil }
    let verb = rule.matchesVerb(question)
    let group = rule.matchesGroup(question)
    let resource = rule.matchesResource(question)
    let name = rule.matchesName(question)
    switch (verb, group, resource, name) {
    case (true, true, true, false):
      return miss(.otherName, "\(mine), which names only \(listed(rule.names.sorted().map(\.text)))")
    case (false, true, true, true):
      return miss(
        .otherVerb, "\(mine), which allows only \(listed(rule.verbs.map(\.text))), not \(attributes.verb)")
    case (true, true, false, true):
      let text =
        "\(mine), which covers \(listed(rule.resources.map(\.text))), not \(attributes.combinedResource)"
      return miss(.otherResource, text)
    case (true, false, true, true):
      let groups = listed(rule.groups.map { FieldProblem.quoted($0.text) })
      return miss(.otherGroup, "\(mine), which is for API group \(groups), not \"\(attributes.group)\"")
    default: return nil
    }
  }

  /// Roles that would do, that could be bound here, and that no binding which counts here refers to.
  private func unboundRoles() -> [NearMiss] {
    policy.roles.filter(canBeBoundHere).compactMap { role in
      guard role.firstRule(question) != nil else { return nil }
      let references = policy.bindings.filter { $0.roleIdentity == role.identity }
      if references.contains(where: { $0.reaches(attributes) }) { return nil }
      let places = Set(references.map(\.identity.namespace)).sorted().map { "\"\($0.text)\"" }
      let bound = places.isEmpty ? "nothing binds it" : "it is bound in namespace \(listed(places)) only"
      return miss(.unbound, "\(role.identity.description) would allow it, but \(bound)")
    }
  }

  private func canBeBoundHere(_ role: Role) -> Bool {
    !role.identity.isNamespaced || role.identity.namespace == ExactText(attributes.namespace)
  }

  private var you: String { attributes.user.description }

  private func miss(_ kind: NearMiss.Kind, _ sentence: String) -> NearMiss {
    NearMiss(kind: kind, sentence: sentence)
  }

  private func listed(_ items: [String]) -> String {
    let shown = items.prefix(NearMissSearch.listLimit).joined(separator: ", ")
    let rest = items.count - NearMissSearch.listLimit
    return rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}
