import Admission
import Authorization
import Kubernetes

/// A refusal for a missing right, put before the API server: the same judge judges again with its answers.
struct Appeal: Sendable {
  /// Answers can lead to new questions (a pod, and then a claim): that often at most.
  static let rounds = 3

  let judge: Judge
  let trustsPolicy: Bool
  let opinion: SecondOpinion

  struct Outcome: Sendable {
    var judgement: Judgement
    /// Why the API server did not answer everything.
    var failure: KubernetesError?
    /// Set when nobody could tell: the policy at hand is too old, and the API server did not answer.
    var undecided: KubernetesError?

    /// The metric's label.
    var result: String {
      if undecided != nil { return "undecided" }
      if judgement.decision.allowed { return "allowed" }
      return failure == nil ? "refused" : "unanswered"
    }
  }

  /// - Parameter again: judges the same review by another judge.
  func outcome(of first: Judgement, again: (Judge) -> Judgement) async -> Outcome {
    let deadline = ContinuousClock.now + opinion.limit
    var outcome = Outcome(judgement: first)
    var answers = AccessAnswers.none
    for _ in 0..<Self.rounds where !outcome.judgement.questions.isEmpty && outcome.failure == nil {
      let finding = await opinion.ask(outcome.judgement.questions, known: answers, until: deadline)
      answers = finding.answers
      outcome.failure = finding.failure
      outcome.judgement = again(judge.asking(answers, trustsPolicy: trustsPolicy))
    }
    let isOpen = !outcome.judgement.questions.isEmpty
    if isOpen, !trustsPolicy { outcome.undecided = outcome.failure ?? Self.unsettled }
    return outcome
  }

  private static let unsettled = KubernetesError(
    .deadlineExceeded, message: "the questions about this review did not end")

  static func message(_ failure: KubernetesError) -> String {
    "nothing can be said about the right to clone: the gate's view of roles and bindings is not up to date, "
      + "and the API server could not be asked (\(failure)); try again"
  }
}
