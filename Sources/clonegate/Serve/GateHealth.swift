import Glibc
import Synchronization
import Transport

/// Puts the readiness checks together from those who know.
final class GateHealth: Sendable {
  private let setting: any GateSetting
  private let certificates: CertificateWatch
  private let isDraining = Atomic(false)

  init(setting: any GateSetting, certificates: CertificateWatch) {
    self.setting = setting
    self.certificates = certificates
  }

  /// From now on the gate is not ready: it is leaving.
  func beginDrain() { isDraining.store(true, ordering: .relaxed) }

  var report: ReadinessReport {
    get async {
      let certificate = certificates.certificate
      let dates = CertificateDates(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
      let leaving = isDraining.load(ordering: .relaxed)
      return ReadinessReport(
        checks: await setting.checks + [
          .certificate(dates, reloadProblem: certificates.problem, now: .secondsSince1970),
          ReadinessCheck(name: "shutdown", problem: leaving ? "the gate is leaving" : nil),
        ])
    }
  }
}

extension Int64 {
  /// The clock on the wall.
  static var secondsSince1970: Int64 { Int64(time(nil)) }
}
