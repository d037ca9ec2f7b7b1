import Glibc
import Jobs
import Synchronization
import Transport

/// Puts the readiness checks together from those who know.
final class GateHealth: Sendable {
  private let store: SnapshotStore
  private let certificates: CertificateWatch
  private let journal: JournalHealth
  private let worker: WorkerChild?
  private let isDraining = Atomic(false)

  /// - Parameter worker: nil when the gate was told to start none.
  init(store: SnapshotStore, certificates: CertificateWatch, journal: JournalHealth, worker: WorkerChild?) {
    self.store = store
    self.certificates = certificates
    self.journal = journal
    self.worker = worker
  }

  /// From now on the gate is not ready: it is leaving.
  func beginDrain() { isDraining.store(true, ordering: .relaxed) }

  var report: ReadinessReport {
    get async {
      let now = Int64(time(nil))
      let certificate = certificates.certificate
      let dates = CertificateDates(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
      let finding = await journal.finding
      let leaving = isDraining.load(ordering: .relaxed)
      return ReadinessReport(checks: [
        .policy(store.report, now: now),
        ReadinessCheck(name: "journal", problem: finding.journalProblem),
        .certificate(dates, reloadProblem: certificates.problem, now: now),
        workerCheck(finding.worker),
        ReadinessCheck(name: "shutdown", problem: leaving ? "the gate is leaving" : nil),
      ])
    }
  }

  private func workerCheck(_ presence: WorkerPresence?) -> ReadinessCheck {
    guard let state = worker?.state else {
      return ReadinessCheck(name: "worker", problem: nil, note: "none is started here (--no-worker)")
    }
    let isAlive = state.isRunning && presence?.isAlive == true
    let ending = state.ending.map { "; the last one ended: \($0)" } ?? ""
    return ReadinessCheck(name: "worker", problem: isAlive ? nil : "it does not beat\(ending); see the log")
  }
}
