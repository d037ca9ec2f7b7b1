/// One thing that must be right for the gate to be called ready.
struct ReadinessCheck: Sendable, Hashable {
  let name: String
  /// What is wrong and what to do; nil when all is well.
  let problem: String?
  /// What an operator may like to know when all is well.
  var note: String?
}

extension ReadinessCheck {
  /// A policy was loaded, and it is the newest.
  static func policy(_ report: PolicyReport, now: Int64) -> ReadinessCheck {
    let listed = report.problems.prefix(maxProblems).joined(separator: "; ")
    let more = report.problems.count - maxProblems
    let problems = more > 0 ? "\(listed); and \(more) more" : listed
    guard let loadedAt = report.loadedAt else {
      return ReadinessCheck(name: "policy", problem: "nothing was loaded yet; \(problems)")
    }
    guard report.problems.isEmpty else {
      let age = "the policy of \(now - loadedAt) s ago stays in force"
      return ReadinessCheck(name: "policy", problem: "\(problems); \(age)")
    }
    let note = report.notes.isEmpty ? nil : report.notes.joined(separator: "; ")
    return ReadinessCheck(name: "policy", problem: nil, note: note)
  }

  /// Problems that one answer lists; the log has them all.
  private static let maxProblems = 5

  private static let renewal =
    "run `clonegate certs renew`, in a cluster `clonegate certs rotate --cluster`"

  /// The serving certificate is within its dates and its end is not near.
  static func certificate(_ dates: CertificateDates, reloadProblem: String?, now: Int64) -> ReadinessCheck {
    let left = "\(dates.daysLeft(at: now)) days left"
    let problem: String? =
      if let reloadProblem {
        "the new files are unusable: \(reloadProblem); the last good certificate is served, \(left)"
      } else if now < dates.notBefore {
        "it is not valid yet; check the clock"
      } else if now > dates.notAfter {
        "it has expired; \(renewal)"
      } else if dates.isNearEnd(at: now) {
        "its end is near, \(left); \(renewal)"
      } else {
        nil
      }
    return ReadinessCheck(name: "certificate", problem: problem, note: problem == nil ? left : nil)
  }
}
