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
  /// clone is looked at every `ControlTiming.poll`, and a right that was granted since counts then. Only what
  /// waits lives by it: work that begins asks anew, since a right may have been revoked.
  private static let memory = (yes: Duration.seconds(60), no: Duration.seconds(20))
  /// Answers lead to new questions (a pod, and then a claim): that often at most.
  private static let rounds = 3

  /// What was asked about. A DataSource may lead elsewhere a moment later, and that is another question.
  private struct Question: Hashable {
    let uid: String
    let source: StoredSource
  }

  private struct Answer {
    let acceptance: CloneAcceptance
    /// When asking began: what was revoked before then counts in it.
    let asked: ContinuousClock.Instant
    let until: ContinuousClock.Instant
  }

  /// Whether a stored DataVolume bears a stamp, by its creation in seconds since 1970.
  typealias StampCheck = @Sendable (JSONNode, Int64) async throws(KubernetesError) -> AcceptanceCheck

  private let check: StampCheck
  private let authorizer: CloneAuthorizer
  private let subjectRule: AdmissionSettings.SubjectRule
  private let opinion: SecondOpinion
  private let answers = Mutex<[Question: Answer]>([:])

  init(check: @escaping StampCheck, opinion: SecondOpinion, settings: AdmissionSettings) {
    self.check = check
    self.opinion = opinion
    authorizer = CloneAuthorizer(policy: .empty, settings: settings)
    subjectRule = settings.subjectRule
  }

  convenience init(client: KubernetesClient, keys: KeyRingMirror, settings: AdmissionSettings) {
    self.init(
      check: { (object, created) async throws(KubernetesError) in
        try await keys.acceptance(of: object, created: created)
      },
      opinion: SecondOpinion(trustsPolicy: { false }) { (spec, limit) async throws(KubernetesError) in
        try await client.subjectAccessReview(spec, within: limit)
      }, settings: settings)
  }

  /// - Parameters:
  ///   - stored: where the spec leads now.
  ///   - order: the VolumeCopy that bears its uid.
  ///   - instant: answers of the API server that were asked for earlier are asked for anew; nil: those that
  ///     are remembered will do.
  /// - Returns: the verdict, and the disk that may be read.
  func verdict(
    on clone: CloneDataVolume, _ object: JSONNode, leadsTo stored: StoredSource, order: JSONNode?,
    askedSince instant: ContinuousClock.Instant? = nil
  ) async -> (CloneAcceptance, CloneSource?) {
    let text = object.field("metadata")?.text("creationTimestamp") ?? ""
    let found: AcceptanceCheck
    do throws(KubernetesError) {
      found = try await check(object, UTCTime(text)?.seconds ?? 0)
    } catch {
      // The stamp may say another disk than a DataSource leads to now: what runs goes on with its own.
      return (.undecided("the keys of stamps could not be read: \(error)"), begun(order) ?? stored.disk)
    }
    switch found {
    case .valid(let stamp): return (.stamped(requester: stamp.requester), stamp.source)
    case .invalid(let why):
      return (
        .refused("its stamp (annotation \(AcceptanceStamp.annotation)) is not valid: \(why)"), stored.disk
      )
    case .unknownKey(let id):
      return (
        .lapsed(
          "its stamp was made with key \(id), which clonegate does not have (any more); create it anew"),
        begun(order) ?? stored.disk
      )
    case .absent:
      let begun = begun(order)
      var source = stored
      // What runs goes on with its own disk, wherever a DataSource leads by now.
      if case .dataSource = clone.source, let begun {
        source = StoredSource(disk: begun, foreign: stored.foreign)
      }
      let acceptance = await unstamped(clone, source, askedSince: instant)
      // A copy that was allowed when it began goes on when the grant is revoked, as a read file stays read.
      if case .refused(let why) = acceptance, let begun, source.disk == begun { return (.lapsed(why), begun) }
      return (acceptance, source.disk)
    }
  }

  /// The disk that is being copied already.
  private func begun(_ order: JSONNode?) -> CloneSource? {
    order.flatMap { try? VolumeCopy($0) }.map {
      CloneSource(namespace: $0.order.source.namespace, name: $0.order.source.claim)
    }
  }

  private func unstamped(
    _ clone: CloneDataVolume, _ source: StoredSource, askedSince instant: ContinuousClock.Instant?
  ) async -> CloneAcceptance {
    let isOwn = source.disk.map { $0.id.namespace == clone.id.namespace } ?? source.foreign.isEmpty
    if isOwn { return .sameNamespace }
    guard subjectRule == .either else {
      return .refused(
        "clonegate did not see it being created (it bears no stamp), so nobody knows who asked; create it "
          + "anew"
      )
    }
    let question = Question(uid: clone.uid, source: source)
    let now = ContinuousClock.now
    if let known = answers.withLock({ $0[question] }), known.until > now,
      known.asked >= instant ?? known.asked
    {
      return known.acceptance
    }
    let acceptance: CloneAcceptance
    do throws(Unsettled) { acceptance = try await ask(clone, source) } catch { return .undecided(error.why) }
    var memory = Self.memory.yes
    if case .refused = acceptance { memory = Self.memory.no }
    answers.withLock { [memory] answers in
      answers = answers.filter { $0.value.until > .now }
      answers[question] = Answer(acceptance: acceptance, asked: now, until: .now + memory)
    }
    return acceptance
  }

  /// What the reference document grants: the ServiceAccount `default` of the target namespace. Who may not
  /// clone from each foreign namespace on the way is told the same whatever DataSources there say, as the
  /// gate tells it: missing, empty, or naming a disk.
  private func ask(
    _ clone: CloneDataVolume, _ source: StoredSource
  ) async throws(Unsettled) -> CloneAcceptance {
    let deadline = ContinuousClock.now + opinion.limit
    var refused: CloneVerdict?
    if let disk = source.disk {
      let verdict = try await ask(clone, about: disk, until: deadline)
      if verdict.allowed { return .authorized(by: verdict.reason) }
      refused = verdict
    }
    for namespace in source.foreign {
      // Without a name no grant for one disk matches: only who may clone any disk there is told.
      let any = CloneSource(namespace: namespace, name: "")
      let verdict = try await ask(clone, about: any, until: deadline)
      if !verdict.allowed { return .refused(Self.concealed(clone, verdict)) }
    }
    guard let refused else { return .authorized(by: "it may know that its DataSource leads nowhere") }
    return .refused(Self.unseen(refused, "to allow it"))
  }

  private static func concealed(_ clone: CloneDataVolume, _ verdict: CloneVerdict) -> String {
    guard case .dataSource(let id) = clone.source, id.namespace == verdict.source.id.namespace else {
      return "it bears no stamp: clonegate did not see it being created, and its DataSource leads through a "
        + "namespace from which it may not clone; ask whoever made that, or name a source that it may read"
    }
    return unseen(verdict, "to allow it for disks of that namespace")
  }

  private static func unseen(_ verdict: CloneVerdict, _ purpose: String) -> String {
    "it bears no stamp: clonegate did not see it being created, and \(verdict.reason); \(purpose), run: "
      + "\(verdict.remedy.joined(separator: " && ")), or create it anew"
  }

  /// Nobody could say.
  private struct Unsettled: Error {
    let why: String
  }

  private func ask(
    _ clone: CloneDataVolume, about source: CloneSource, until deadline: ContinuousClock.Instant
  ) async throws(Unsettled) -> CloneVerdict {
    var known = AccessAnswers.none
    for _ in 0..<Self.rounds {
      let verdict = authorizer.asking(known, trustsPolicy: false).decide(
        serviceAccount: "default", targetNamespace: clone.id.namespace, source: source)
      if verdict.allowed || verdict.unanswered.isEmpty { return verdict }
      let finding = await opinion.ask(verdict.unanswered, known: known, until: deadline)
      known = finding.answers
      if let failure = finding.failure {
        throw Unsettled(why: "the API server could not be asked: \(failure)")
      }
    }
    throw Unsettled(why: "the questions about it did not end")
  }
}
