import JSON
import Testing

@testable import clonegate

@Suite struct `Readiness` {
  private static let day: Int64 = 86_400
  private static let now: Int64 = 1_800_000_000

  @Test func `the answer reads as Kubernetes' own`() {
    let good = ReadinessCheck(name: "policy", problem: nil)
    let noted = ReadinessCheck(name: "certificate", problem: nil, note: "90 days left")
    let bad = ReadinessCheck(name: "journal", problem: "the disk is full")
    #expect(
      ReadinessReport(checks: [good, noted]).text
        == "[+]policy ok\n[+]certificate ok: 90 days left\nreadyz check passed\n")
    let report = ReadinessReport(checks: [good, bad])
    #expect(report.text == "[+]policy ok\n[-]journal failed: the disk is full\nreadyz check failed\n")
    #expect(!report.isReady)
    #expect(report.json["ready"] == false)
    #expect(
      report.json["checks"]?.array?[1] == ["name": "journal", "ok": false, "problem": "the disk is full"])
  }

  @Test func `a policy is ready when its newest state is in force`() {
    var report = PolicyReport()
    report.problems = ["a.yaml:1: broken"]
    #expect(
      ReadinessCheck.policy(report, now: Self.now).problem == "nothing was loaded yet; a.yaml:1: broken")
    report.loadedAt = Self.now - 30
    let stale = ReadinessCheck.policy(report, now: Self.now).problem
    #expect(stale == "a.yaml:1: broken; the policy of 30 s ago stays in force")
    report.problems = (1...9).map { "\($0)" }
    #expect(
      ReadinessCheck.policy(report, now: Self.now).problem?.hasPrefix("1; 2; 3; 4; 5; and 4 more;") == true)
    report.problems = []
    #expect(ReadinessCheck.policy(report, now: Self.now) == ReadinessCheck(name: "policy", problem: nil))
  }

  @Test(
    arguments: [
      (365, 100, nil), (365, 8, nil), (365, 6, "near"), (365, 0, "near"), (365, -1, "expired"),
      (365, 366, "clock"),
      (10, 2, nil), (10, 0, "near"),
    ] as [(Int64, Int64, String?)])
  func `a certificate is judged by its dates`(life: Int64, left: Int64, word: String?) {
    let end = Self.now + left * Self.day + 1
    let dates = CertificateDates(notBefore: end - life * Self.day - 1, notAfter: end)
    let problem = ReadinessCheck.certificate(dates, reloadProblem: nil, now: Self.now).problem
    if let word { #expect(problem?.contains(word) == true) } else { #expect(problem == nil) }
  }

  @Test func `new certificate files that are unusable are told, with what is served meanwhile`() {
    let dates = CertificateDates(notBefore: Self.now - Self.day, notAfter: Self.now + 30 * Self.day)
    let check = ReadinessCheck.certificate(dates, reloadProblem: "key does not fit", now: Self.now)
    #expect(check.problem?.contains("key does not fit") == true)
    #expect(check.problem?.contains("30 days left") == true)
  }
}
