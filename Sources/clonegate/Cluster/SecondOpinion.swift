import Admission
import Authorization
import JSON
import Kubernetes

/// Asks the API server itself about rights that the mirror does not know of: before every refusal for a
/// missing right, so that a grant made a moment ago counts at once, and for all rights while the mirror is
/// too old to be believed.
struct SecondOpinion: Sendable {
  /// For all questions of one review together. An API server waits ten seconds for a webhook; it must still
  /// get an answer, also when it cannot be asked.
  static let usualLimit = Duration.seconds(3)
  /// Questions on their way at once: more would only queue in the API server.
  static let parallel = 16

  typealias Ask = @Sendable (JSONValue, Duration) async throws(KubernetesError) -> AccessVerdict

  /// Whether the policy in force is whole and new enough; asked once for each review, before its snapshot is
  /// taken.
  let trustsPolicy: @Sendable () -> Bool
  let limit: Duration
  private let ask: Ask

  init(
    trustsPolicy: @escaping @Sendable () -> Bool, limit: Duration = usualLimit, ask: @escaping Ask
  ) {
    self.trustsPolicy = trustsPolicy
    self.limit = limit
    self.ask = ask
  }

  /// What one round of questions brought.
  struct Finding: Sendable {
    var answers: AccessAnswers
    /// Why a question has no answer; nil when each has one.
    var failure: KubernetesError?
  }

  /// Asks each question once; adds to what is known already.
  func ask(_ questions: [Attributes], known: AccessAnswers, until deadline: ContinuousClock.Instant) async
    -> Finding
  {
    var finding = Finding(answers: known)
    var rest = Set(questions).makeIterator()
    await withTaskGroup(of: (Attributes, Result<AccessVerdict, KubernetesError>).self) { group in
      func askNext() {
        guard let question = rest.next() else { return }
        group.addTask { (question, await answer(question, until: deadline)) }
      }
      for _ in 0..<Self.parallel { askNext() }
      for await (question, answer) in group {
        finding.take(question, answer)
        askNext()
      }
    }
    return finding
  }

  private func answer(
    _ question: Attributes, until deadline: ContinuousClock.Instant
  ) async -> Result<AccessVerdict, KubernetesError> {
    do throws(KubernetesError) {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else {
        throw KubernetesError(.deadlineExceeded, message: "the API server did not answer in time")
      }
      return .success(try await ask(Self.spec(of: question), left))
    } catch {
      return .failure(error)
    }
  }

  /// The spec of a SubjectAccessReview; empty fields are left out, as CDI leaves them.
  static func spec(of question: Attributes) -> JSONValue {
    var resource: JSONObject = [:]
    let fields = [
      ("verb", question.verb), ("group", question.group), ("resource", question.resource),
      ("subresource", question.subresource), ("namespace", question.namespace), ("name", question.name),
    ]
    for (key, value) in fields where !value.isEmpty { resource[key] = .string(value) }
    let user = question.user
    var spec: JSONObject = ["user": .string(user.name), "resourceAttributes": .object(resource)]
    if !user.groups.isEmpty { spec["groups"] = .array(user.groups.map { .string($0) }) }
    if !user.extra.isEmpty {
      var extra: JSONObject = [:]
      for (key, values) in user.extra { extra[key] = .array(values.map { .string($0) }) }
      spec["extra"] = .object(extra)
    }
    return .object(spec)
  }
}

extension SecondOpinion.Finding {
  fileprivate mutating func take(_ question: Attributes, _ answer: Result<AccessVerdict, KubernetesError>) {
    switch answer {
    case .success(let verdict) where verdict.isAllowed: answers.allow(question, reason: verdict.reason)
    case .success: answers.deny(question)
    case .failure(let error): failure = error
    }
  }
}
