import Control

/// How a rotation stands, in words.
enum RotationText {
  static func summary(of end: RotationStep, _ facts: RotationFacts, at now: Int64) -> String {
    switch end {
    case .leave(let injector):
      return "left alone: \(injector) says that cert-manager keeps certificate and caBundle"
    case .wait(let until, let reason):
      return "to be continued by a run after \(UTCTime(seconds: until)): by then \(reason.rawValue)\n"
        + state(facts, at: now)
    default: return state(facts, at: now)
    }
  }

  private static func state(_ facts: RotationFacts, at now: Int64) -> String {
    let places = facts.registrations.map(\.name)
    let published =
      places.isEmpty
      ? "nowhere yet: no webhook configuration is installed; run this again when one is"
      : places.joined(separator: ", ")
    return """
      serving certificate  \(days(facts.serving?.notAfter, at: now))
      authority            \(days(facts.authorities.first?.notAfter, at: now))
      published            \(published)
      """
  }

  private static func days(_ end: Int64?, at now: Int64) -> String {
    end.map { "\(max(0, $0 - now) / 86_400) days left" } ?? "none"
  }
}
