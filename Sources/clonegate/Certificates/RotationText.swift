import Admission
import JSON

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

  /// The same for programs: what this run did, how it ended, and how things stand.
  static func json(of end: RotationStep, _ done: [String], _ facts: RotationFacts, at now: Int64) -> String {
    var value: JSONValue = [
      "did": .array(done.map(JSONValue.string)),
      "servingCertificate": certificate(facts.serving?.notAfter, at: now),
      "authority": certificate(facts.authorities.first?.notAfter, at: now),
      "published": .array(facts.registrations.map { .string($0.name) }),
    ]
    switch end {
    case .leave(let injector):
      value["state"] = "leftAlone"
      value["keeper"] = .string(injector)
    case .wait(let until, let reason):
      value["state"] = "toBeContinued"
      value["continueAfter"] = .string("\(UTCTime(seconds: until))")
      value["reason"] = .string("by then \(reason.rawValue)")
    default: value["state"] = "done"
    }
    return String(decoding: value.prettyBytes, as: UTF8.self)
  }

  /// Of a run that ended early: what it did all the same, and why it went no further.
  static func json(after done: [String], failed why: String) -> String {
    let value: JSONValue = [
      "state": "failed", "did": .array(done.map(JSONValue.string)), "error": .string(why),
    ]
    return String(decoding: value.prettyBytes, as: UTF8.self)
  }

  private static func certificate(_ end: Int64?, at now: Int64) -> JSONValue {
    guard let end else { return .null }
    return [
      "notAfter": .string("\(UTCTime(seconds: end))"), "daysLeft": .number(String(daysLeft(end, at: now))),
    ]
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
    end.map { "\(daysLeft($0, at: now)) days left" } ?? "none"
  }

  private static func daysLeft(_ end: Int64, at now: Int64) -> Int64 { max(0, end - now) / 86_400 }
}
