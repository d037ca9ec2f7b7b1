import Glibc
import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import Transport

/// Takes up a new certificate and key when their files change. Files that do not fit together, or cannot be
/// read, leave the last good pair in service.
final class CertificateWatch: Service, Sendable {
  static let interval = Duration.milliseconds(500)

  private let tls: TLSServerContext
  private let files: [String]
  private let logger: Logger
  private let metrics: GateMetrics
  private let trouble = Mutex<String?>(nil)
  private let mustRead = Atomic(false)

  init(_ options: ServeOptions, tls: TLSServerContext, logger: Logger, metrics: GateMetrics) {
    self.tls = tls
    self.logger = logger
    self.metrics = metrics
    files = [options.tlsCert, options.tlsKey] + (options.clientCa.map { [$0] } ?? [])
  }

  var certificate: CertificateInfo { tls.certificate }
  /// Why the newest files are not in service; nil when they are.
  var problem: String? { trouble.withLock { $0 } }

  func readAgain() { mustRead.store(true, ordering: .relaxed) }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      self.tellDates()
      var change = SettledChange<[FileStamp?]>()
      change.take(self.stamps)
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.interval)
        let stamps = self.stamps
        let isWanted = self.mustRead.exchange(false, ordering: .relaxed)
        if isWanted { change.take(stamps) }
        if change.look(stamps) || isWanted { self.reload() }
      }
    }
  }

  /// A certificate outside its dates, or near its end, is served all the same: whoever calls decides.
  private func tellDates() {
    let certificate = self.certificate
    let dates = CertificateDates(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
    let check = ReadinessCheck.certificate(dates, reloadProblem: nil, now: Int64(time(nil)))
    guard let problem = check.problem else { return }
    logger.warning("the serving certificate: \(problem)", metadata: ["daysLeft": "\(certificate.daysLeft())"])
  }

  private var stamps: [FileStamp?] { files.map { FileStamp(path: $0) } }

  private func reload() {
    switch tls.reload() {
    case .unchanged: trouble.withLock { $0 = nil }
    case .swapped(let certificate):
      trouble.withLock { $0 = nil }
      metrics.certificateReload("swapped")
      logger.notice(
        "a new certificate is in service",
        metadata: ["subject": "\(certificate.subject)", "daysLeft": "\(certificate.daysLeft())"])
      tellDates()
    case .kept(let error):
      trouble.withLock { $0 = "\(error)" }
      metrics.certificateReload("kept")
      logger.error(
        "the new certificate or key is unusable; the old pair stays in service",
        metadata: ["error": "\(error)"])
    }
  }
}
