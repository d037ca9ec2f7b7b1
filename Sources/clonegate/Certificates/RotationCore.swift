/// Decides the next step of a rotation: a pure function of what is stored and of the time, so that a run may
/// end after any step, and the next one, or another at the same time, goes on from what is there.
///
/// What holds at every moment: each API server trusts, by the bundle that it knows now or knew `settle` ago,
/// the authority of every certificate that a gate serves now or served `overlap` ago.
struct RotationCore: Sendable {
  let facts: RotationFacts
  let rules: RotationRules
  /// Seconds since 1970.
  let now: Int64

  var next: RotationStep {
    if let injected = injection { return injected }
    guard let current = facts.authorities.first else { return .makeAuthority }
    if rules.replacing == current.id {
      guard trusted.count < RotationRules.mostAuthorities else { return .refuse(Self.tooMany) }
      return .makeAuthority
    }
    if isDue(current) { return .makeAuthority }
    let bundle = bundle(current)
    if !isPublished(bundle) { return .publish(bundle) }
    if mustIssue(current) {
      if let settled, settled > now { return .wait(until: settled, .settling) }
      return .issue(bundle: bundle)
    }
    if facts.serving?.bundle != Set(bundle) { return .tell(bundle) }
    if bundle.count == 1 { return facts.authorities.count > 1 ? .forget : .done }
    return .wait(until: overlapEnd ?? now, .overlap)
  }

  /// Somebody else keeps the bundles, or one of them.
  private var injection: RotationStep? {
    if let keeper = facts.servingKeeper, !facts.registrations.contains(where: { $0.injector != nil }) {
      return facts.registrations.isEmpty ? .leave(injector: keeper) : .refuse(Self.halfInjected(keeper))
    }
    let kept = facts.registrations.filter { $0.injector != nil }
    guard let first = kept.first, let injector = first.injector else { return nil }
    guard let other = facts.registrations.first(where: { $0.injector == nil }) else {
      return .leave(injector: injector)
    }
    return .refuse(
      "\(first.name) bears \(injector) and \(other.name) does not: annotate both, or neither")
  }

  /// The authority would end before a certificate that it signs now.
  private func isDue(_ current: RotationFacts.Authority) -> Bool {
    now > current.notAfter - Int64(rules.days + rules.renewBefore) * 86_400
  }

  // MARK: the bundle

  /// Every authority that is known and within its dates, ours first.
  private var trusted: [RotationFacts.Authority] {
    (facts.authorities + facts.others).filter { $0.notAfter > now }
  }

  /// The one that signs alone, or for as long as gates may serve by another, all of them.
  private func bundle(_ current: RotationFacts.Authority) -> [String] {
    if let overlapEnd, overlapEnd <= now { return [current.id] }
    let signer = facts.serving?.signer
    // Those that matter stay when there are too many: what signs, what is served by, the newest.
    func rank(_ authority: RotationFacts.Authority) -> Int {
      authority.id == current.id ? 0 : authority.id == signer ? 1 : 2
    }
    let ranked = trusted.filter { $0.id != current.id }.sorted {
      (rank($0), -$0.notBefore, $0.id) < (rank($1), -$1.notBefore, $1.id)
    }
    return ([current] + ranked).prefix(RotationRules.mostAuthorities).map(\.id)
  }

  /// When nobody can serve by another authority any more; nil while the stored certificate is by another.
  private var overlapEnd: Int64? {
    guard let serving = facts.serving, serving.signer == facts.authorities.first?.id else { return nil }
    return serving.madeAt + rules.overlap
  }

  private func isPublished(_ bundle: [String]) -> Bool {
    let wanted = Set(bundle)
    return facts.registrations.allSatisfy { registration in
      registration.bundles.allSatisfy { $0 == wanted } && (!mustSettle || isDated(registration))
    }
  }

  /// Since when the bundle is there is known.
  private func isDated(_ registration: RotationFacts.Registration) -> Bool {
    registration.publishedAt.map { $0 <= now + RotationRules.clockSkew } ?? false
  }

  // MARK: the serving certificate

  private func mustIssue(_ current: RotationFacts.Authority) -> Bool {
    guard let serving = facts.serving, serving.signer == current.id else { return true }
    return now > serving.notAfter - Int64(rules.renewBefore) * 86_400
      || serving.madeAt > now + RotationRules.clockSkew || !serving.names.isSuperset(of: rules.names)
  }

  /// Gates serve by another authority than the one that signs: an API server must know the new one before
  /// it meets it. A certificate that is missing or has expired serves nobody, so nothing is waited for.
  private var mustSettle: Bool {
    guard let serving = facts.serving, serving.notAfter > now else { return false }
    return serving.signer != facts.authorities.first?.id
  }

  /// When every API server knows the bundle; nil when nothing is to be waited for. The date of publication
  /// has lost its fraction of a second, so one is added.
  private var settled: Int64? {
    guard mustSettle else { return nil }
    return facts.registrations.compactMap(\.publishedAt).max().map { $0 + rules.settle + 1 }
  }

  private static func halfInjected(_ keeper: String) -> String {
    "the serving certificate's Secret bears \(keeper), but neither webhook configuration says that "
      + "cert-manager keeps its bundle: annotate both with cert-manager.io/inject-ca-from, or delete the "
      + "Secret"
  }

  private static let tooMany =
    "there are \(RotationRules.mostAuthorities) authorities in use already: run it without --force until the "
    + "old ones are dropped"
}
