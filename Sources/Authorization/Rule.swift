/// One rule of a role. Matching follows Kubernetes' `pkg/apis/rbac/v1/evaluation_helpers.go`: everything is
/// compared byte for byte, `*` is the only wildcard, and each field must match.
struct Rule: Sendable, Hashable {
  var verbs: [ExactText]
  var groups: [ExactText]
  var resources: [ExactText]
  /// Empty: every name, also none.
  var names: Set<ExactText>
  var paths: [ExactText]

  func allows(_ question: Question) -> Bool {
    guard matchesVerb(question) else { return false }
    if let path = question.path { return matchesPath(path) }
    return matchesGroup(question) && matchesResource(question) && matchesName(question)
  }

  func matchesVerb(_ question: Question) -> Bool { verbs.contains { $0 == "*" || $0 == question.verb } }

  func matchesGroup(_ question: Question) -> Bool { groups.contains { $0 == "*" || $0 == question.group } }

  /// `*`, the whole `resource/subresource`, or `*/subresource` for any resource that has it.
  func matchesResource(_ question: Question) -> Bool {
    resources.contains { resource in
      if resource == "*" || resource == question.resource { return true }
      return question.anyWithSubresource.map { $0 == resource } ?? false
    }
  }

  func matchesName(_ question: Question) -> Bool { names.isEmpty || names.contains(question.name) }

  /// `*`, the very path, or a prefix that ends with `*`.
  private func matchesPath(_ path: ExactText) -> Bool {
    paths.contains { pattern in
      if pattern == "*" || pattern == path { return true }
      guard pattern.text.utf8.last == UInt8(ascii: "*") else { return false }
      // Kubernetes trims every trailing star, not only the last.
      let prefix = pattern.text.utf8.reversed().drop { $0 == UInt8(ascii: "*") }.reversed()
      return path.text.utf8.starts(with: prefix)
    }
  }
}

/// `Attributes` made ready for comparing: once per decision, whatever the number of rules.
struct Question {
  let verb: ExactText
  let group: ExactText
  /// With its subresource.
  let resource: ExactText
  /// `*/subresource`, when there is one.
  let anyWithSubresource: ExactText?
  let name: ExactText
  let path: ExactText?

  init(_ attributes: Attributes) {
    verb = ExactText(attributes.verb)
    group = ExactText(attributes.group)
    resource = ExactText(attributes.combinedResource)
    anyWithSubresource = attributes.subresource.isEmpty ? nil : ExactText("*/" + attributes.subresource)
    name = ExactText(attributes.name)
    path = attributes.path.map { ExactText($0) }
  }
}
