/// What came of probing the gate as API servers call it.
struct RegistrationFinding: Sendable, Hashable {
  enum Outcome: String, Sendable, CaseIterable {
    /// Every webhook's bundle vouches for the served certificate.
    case verified
    /// One does not, or calls another Service.
    case refused
    /// The gate did not answer itself.
    case unanswered
    /// There is no registration.
    case absent
    /// The registrations could not be read, or nothing was probed yet.
    case unknown
  }

  var outcome: Outcome
  /// What is wrong and what to do.
  var problem: String?
  var note: String?
}

extension ReadinessCheck {
  /// An API server that calls this gate would trust it.
  static func registration(_ finding: RegistrationFinding) -> ReadinessCheck {
    ReadinessCheck(name: "registration", problem: finding.problem, note: finding.note)
  }
}
