import Admission
import Authorization
import Control
import JSON
import Kubernetes
import Synchronization

/// Whether a stored DataVolume may be copied for: by its stamp, or, where it bears none, because its target
/// namespace may clone the source anyway.
final class CloneAccess: Sendable {
  /// How long the API server's answer about an unstamped DataVolume is used again: a yes, and a no. A refused
  /// clone is looked at every `ControlTiming.poll`, and a right that was granted since counts then.
  private static let memory = (yes: Duration.seconds(60), no: Duration.seconds(20))
  /// Answers lead to new questions (a pod, and then a claim): that often at most.
  private static let rounds = 3

  /// A DataSource leads elsewhere at any moment: what was asked about one disk says nothing about another.
  private struct Question: Hashable {
    let dataVolumeUID: String
    let source: CloneSource
  }

  private struct Answer {
    let acceptance: CloneAcceptance
    let until: ContinuousClock.Instant
  }

  private let keys: KeyRingMirror
  private let authorizer: CloneAuthorizer
  private let subjectRule: AdmissionSettings.SubjectRule
  private let opinion: SecondOpinion
  private let answers = Mutex<[Question: Answer]>([:])

  convenience init(client: KubernetesClient, keys: KeyRingMirror, settings: AdmissionSettings) {
    let opinion = SecondOpinion(trustsPolicy: { false }) { (spec, limit) async throws(KubernetesError) in
      try await client.subjectAccessReview(spec, within: limit)
    }
    self.init(keys: keys, settings: settings, opinion: opinion)
  }

  init(keys: KeyRingMirror, settings: AdmissionSettings, opinion: SecondOpinion) {
    self.keys = keys
    authorizer = CloneAuthorizer(policy: .empty, settings: settings)
    subjectRule = settings.subjectRule
    self.opinion = opinion
  }

  /// - Parameters:
  ///   - resolved: the disk that the spec leads to now; nil while a DataSource leads nowhere.
  ///   - order: the VolumeCopy that bears its uid.
  /// - Returns: the verdict, and the disk that may be read.
  func verdict(
    on clone: CloneDataVolume, _ object: JSONNode, resolved: CloneSource?, order: JSONNode?
  ) async -> (CloneAcceptance, CloneSource?) {
    let text = object.field("metadata")?.text("creationTimestamp") ?? ""
    let check: AcceptanceCheck
    do throws(KubernetesError) {
      check = try await keys.acceptance(of: object, created: UTCTime(text)?.seconds ?? 0)
    } catch {
      // The stamp may say another disk than a DataSource leads to now: what runs goes on with its own.
      return (.undecided("the keys of stamps could not be read: \(error)"), begun(order) ?? resolved)
    }
    switch check {
    case .valid(let stamp): return (.stamped(requester: stamp.requester), stamp.source)
    case .invalid(let why):
      return (.refused("its stamp (annotation \(AcceptanceStamp.annotation)) is not valid: \(why)"), resolved)
    case .unknownKey(let id):
      return (
        .lapsed(
          "its stamp was made with key \(id), which clonegate does not have (any more); create it anew"),
        begun(order) ?? resolved
      )
    case .absent:
      let acceptance = await unstamped(clone, resolved)
      // A copy that was allowed when it began goes on when the grant is revoked, as a read file stays read.
      if case .refused(let why) = acceptance, let resolved, begun(order) == resolved {
        return (.lapsed(why), resolved)
      }
      return (acceptance, resolved)
    }
  }

  /// The disk that is being copied already.
  private func begun(_ order: JSONNode?) -> CloneSource? {
    order.flatMap { try? VolumeCopy($0) }.map {
      CloneSource(namespace: $0.order.source.namespace, name: $0.order.source.claim)
    }
  }

  private func unstamped(_ clone: CloneDataVolume, _ source: CloneSource?) async -> CloneAcceptance {
    guard let source else { return .undecided("its DataSource has no source yet") }
    if source.id.namespace == clone.id.namespace { return .sameNamespace }
    guard subjectRule == .either else {
      return .refused(
        "clonegate did not see it being created (it bears no stamp), so nobody knows who asked; create it "
          + "anew"
      )
    }
    let question = Question(dataVolumeUID: clone.uid, source: source)
    if let known = answers.withLock({ $0[question] }), known.until > .now { return known.acceptance }
    let acceptance = await ask(clone, source)
    if case .undecided = acceptance { return acceptance }
    var memory = Self.memory.yes
    if case .refused = acceptance { memory = Self.memory.no }
    answers.withLock { [memory] answers in
      answers = answers.filter { $0.value.until > .now }
      answers[question] = Answer(acceptance: acceptance, until: .now + memory)
    }
    return acceptance
  }

  /// What the reference document grants: the ServiceAccount `default` of the target namespace.
  private func ask(_ clone: CloneDataVolume, _ source: CloneSource) async -> CloneAcceptance {
    let deadline = ContinuousClock.now + opinion.limit
    var known = AccessAnswers.none
    for _ in 0..<Self.rounds {
      let verdict = authorizer.asking(known, trustsPolicy: false).decide(
        serviceAccount: "default", targetNamespace: clone.id.namespace, source: source)
      if verdict.allowed { return .authorized(by: verdict.reason) }
      guard !verdict.unanswered.isEmpty else {
        let remedy = verdict.remedy.joined(separator: " && ")
        return .refused(
          "it bears no stamp: clonegate did not see it being created, and \(verdict.reason);"
            + " to allow it, run: \(remedy), or create it anew")
      }
      let finding = await opinion.ask(verdict.unanswered, known: known, until: deadline)
      known = finding.answers
      if let failure = finding.failure { return .undecided("the API server could not be asked: \(failure)") }
    }
    return .undecided("the questions about it did not end")
  }
}
