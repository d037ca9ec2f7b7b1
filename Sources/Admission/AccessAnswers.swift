package import Authorization

/// What the API server itself said about questions that the policy at hand answered with no: the second
/// opinion. Good for one review, whose judge it is handed to; whoever asks the API server makes it.
package struct AccessAnswers: Sendable {
  /// Nothing was asked yet.
  package static let none = AccessAnswers()

  /// A yes has a reason, a no has none.
  private enum Answer: Sendable {
    case allowed(String)
    case denied
  }

  private var answers: [Key: Answer] = [:]

  package init() {}

  /// - Parameter reason: the API server's own words.
  package mutating func allow(_ question: Attributes, reason: String) {
    answers[Key(question)] = .allowed(reason)
  }

  package mutating func deny(_ question: Attributes) { answers[Key(question)] = .denied }

  func isKnown(_ question: Attributes) -> Bool { answers[Key(question)] != nil }

  /// Why it is allowed; nil when it is not, or when nobody was asked.
  func grant(for question: Attributes) -> String? {
    guard case .allowed(let reason)? = answers[Key(question)] else { return nil }
    return reason
  }

  /// A question as bytes: two spellings of one letter are two names, as to Kubernetes.
  private struct Key: Hashable {
    let parts: [[UInt8]]

    init(_ question: Attributes) {
      let user = question.user
      let texts = [
        user.name, user.uid, question.verb, question.group, question.resource, question.subresource,
        question.namespace, question.name,
      ]
      parts = (texts + user.groups).map { Array($0.utf8) }
    }
  }
}
