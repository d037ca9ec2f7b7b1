import Control
import Kubernetes
import Transport

/// Takes one step after the other, each on what is stored then, as far as that is safe now.
struct CertificateRotation {
  let store: CertificateStore
  var rules: RotationRules
  /// Make a new authority even though the present one has time left.
  let force: Bool
  /// Seconds that the run may wait for a step.
  let patience: Int64
  /// Told what was done, a line at a time.
  let say: (String) -> Void

  /// Writes that somebody else was quicker with; more in one run are no accident.
  private static let mostConflicts = 10
  /// Steps of one run, waiting included: a whole rotation has nine.
  private static let mostSteps = 30

  /// - Returns: the step that the run ended before: `done`, `leave` or `wait`.
  mutating func run() async throws -> RotationStep {
    let end = ContinuousClock.now + .seconds(patience)
    var tries = Tries()
    while true {
      let stored = try await store.read()
      try check(stored)
      if force, tries.steps == 0 { rules.replacing = stored.facts.authorities.first?.id }
      tries.steps += 1
      let step = RotationCore(facts: stored.facts, rules: rules, now: .secondsSince1970).next
      switch step {
      case .done, .leave: return step
      case .refuse(let why): throw CommandFailure.failed(why)
      case .wait(let until, let reason):
        guard try await wait(until, reason, end) else { return step }
      default:
        guard tries.steps <= Self.mostSteps else { throw Self.undone }
        try await attempt(step, stored, &tries)
      }
    }
  }

  private struct Tries {
    var steps = 0, conflicts = 0
  }

  /// False when that would take longer than this run may.
  private func wait(
    _ until: Int64, _ reason: RotationStep.Reason, _ end: ContinuousClock.Instant
  ) async throws -> Bool {
    let seconds = max(1, until - .secondsSince1970)
    guard .now + .seconds(seconds) <= end else { return false }
    say("waiting \(seconds) s, until \(reason.rawValue)")
    try await Task.sleep(for: .seconds(seconds))
    return true
  }

  private func attempt(
    _ step: RotationStep, _ stored: StoredCertificates, _ tries: inout Tries
  ) async throws(KubernetesError) {
    do throws(KubernetesError) { try await perform(step, stored) } catch {
      tries.conflicts += 1
      guard isRace(error), tries.conflicts <= Self.mostConflicts else { throw error }
    }
  }

  private func check(_ stored: StoredCertificates) throws(CommandFailure) {
    guard let problem = stored.authorityProblem, !force else { return }
    throw .failed(
      "Secret \(store.namespace)/\(StoredCertificates.authoritySecret) holds no usable authority: \(problem)",
      hint: "put it right, or make a new one in its place with --force")
  }

  /// A patch whose `test` fails is answered with Invalid (recorded in patch-json-test-failed.json).
  private func isRace(_ error: KubernetesError) -> Bool {
    error.isConflict || error.isAlreadyExists || error.isNotFound || error.reason == .invalid
  }

  private func perform(_ step: RotationStep, _ stored: StoredCertificates) async throws(KubernetesError) {
    switch step {
    case .makeAuthority: try await makeAuthority(stored)
    case .publish(let ids):
      for registration in stored.registrations {
        try await store.publish(stored.bundle(ids), in: registration, at: .secondsSince1970)
        say("published \(Self.count(ids)) in \(registration.kind) \(registration.name)")
      }
    case .issue(let ids): try await issue(stored, ids)
    case .tell(let ids):
      let data = [StoredCertificates.authority: stored.bundle(ids).pem]
      try await store.write(serving: data, over: stored.serving)
    case .forget:
      let first = stored.facts.authorities.prefix(1).map(\.id)
      let data = [StoredCertificates.authority: stored.bundle(first).pem]
      try await store.write(authorities: data, over: stored.authorities)
      say("dropped \(Self.count(stored.facts.authorities.dropFirst().map(\.id))): nothing serves by it")
    case .leave, .refuse, .wait, .done: break
    }
  }

  private func makeAuthority(_ stored: StoredCertificates) async throws(KubernetesError) {
    let (certificate, key) = try Self.explained { () throws(TransportError) in
      let authority = try CertificateAuthority()
      return (try authority.certificatePEM(), try authority.keyPEM())
    }
    let old = stored.facts.authorities.prefix(RotationRules.mostAuthorities - 1).map(\.id)
    let data = [
      StoredCertificates.authority: certificate + stored.bundle(old).pem,
      StoredCertificates.authorityKey: key,
    ]
    try await store.write(authorities: data, over: stored.authorities)
    say("made a new authority in Secret \(store.namespace)/\(StoredCertificates.authoritySecret)")
  }

  private func issue(_ stored: StoredCertificates, _ ids: [String]) async throws(KubernetesError) {
    guard let authority = stored.signing else { return }
    let rules = self.rules
    let pair = try Self.explained { () throws(TransportError) in
      var request = CertificateAuthority.Request(hosts: rules.names.sorted { $0.utf8.count < $1.utf8.count })
      request.days = rules.days
      return try authority.issue(request)
    }
    let data = [
      StoredCertificates.certificate: pair.certificate, StoredCertificates.key: pair.key,
      StoredCertificates.authority: stored.bundle(ids).pem,
    ]
    try await store.write(serving: data, over: stored.serving)
    say(
      "stored a serving certificate for \(rules.days) days in Secret "
        + "\(store.namespace)/\(StoredCertificates.servingSecret)")
  }

  private static func explained<T>(_ body: () throws(TransportError) -> T) throws(KubernetesError) -> T {
    do throws(TransportError) { return try body() } catch {
      throw KubernetesError(.unusable, message: "\(error)")
    }
  }

  private static func count(_ ids: [String]) -> String {
    ids.count == 1 ? "1 authority" : "\(ids.count) authorities"
  }

  private static let undone = CommandFailure.failed(
    "what is written is undone by somebody else again and again",
    hint:
      "`kubectl get ... --show-managed-fields -o yaml` shows who else writes caBundle; a GitOps tool must "
      + "be told to leave that field alone")
}
