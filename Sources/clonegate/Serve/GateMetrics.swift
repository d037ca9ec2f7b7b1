import Admission
import Glibc
import HTTP
import Jobs
import Kubernetes
import Metrics
import Synchronization
import Telemetry
import Transport

/// What the gate counts. Counters are kept as things happen; what has a state elsewhere is asked when it is
/// read.
final class GateMetrics: Sendable {
  /// What the gauges are read from; given once all of it exists.
  struct Sources: Sendable {
    let store: SnapshotStore
    let certificates: CertificateWatch
    let setting: any GateSetting
  }

  private let registry = PrometheusRegistry()
  private let requests, decisions, events, journalFailures, certificateReloads: LabelledCounter
  private let secondOpinions: LabelledCounter
  private let latencies: Mutex<[String: (timer: Timer, inFlight: Meter)]> = Mutex([:])
  private let sources = Mutex<Sources?>(nil)
  /// Totals that others keep, as they were when last read, so that only what was added is counted.
  private let seen = Mutex<[String: Int64]>([:])

  init(version: String) {
    for metric in GateMetric.allCases { registry.setHelp(metric.rawValue, metric.help) }
    requests = LabelledCounter(.requests, "webhook", "code", registry: registry)
    decisions = LabelledCounter(
      .decisions, "webhook", "operation", "kind", "verdict", "rule", "dry_run", registry: registry)
    events = LabelledCounter(.serverEvents, "event", registry: registry)
    journalFailures = LabelledCounter(.journalFailures, registry: registry)
    certificateReloads = LabelledCounter(.certificateReloads, "result", registry: registry)
    secondOpinions = LabelledCounter(.secondOpinions, "result", registry: registry)
    set(.build, 1, ("version", version))
  }

  func read(from sources: Sources) { self.sources.withLock { $0 = sources } }

  // MARK: as things happen

  func began(_ webhook: String) { series(webhook).inFlight.increment(by: 1) }

  func left(_ webhook: String) { series(webhook).inFlight.decrement(by: 1) }

  func ended(_ webhook: String, code: Int, took: Duration) {
    series(webhook).timer.recordNanoseconds(took.nanoseconds)
    requests.add(webhook, String(code))
  }

  /// Kinds that are judged. Any other is a stranger's word, of which there may be any number.
  private static let kinds: Set = ["DataVolume", "VirtualMachine"]

  func decided(_ decision: DecisionRecord, webhook: String) {
    let kind = Self.kinds.contains(decision.kind) ? decision.kind : "other"
    decisions.add(
      webhook, decision.operation, kind, decision.allowed ? "allowed" : "denied",
      decision.rule.rawValue, decision.dryRun ? "true" : "false")
  }

  func journalFailed() { journalFailures.add() }
  func askedAgain(_ result: String) { secondOpinions.add(result) }
  func certificateReload(_ result: String) { certificateReloads.add(result) }

  func happened(_ event: HTTPServerEvent) {
    switch event {
    case .connectionRefused: events.add("connection_refused")
    case .requestRefused: events.add("request_refused")
    case .cutOff: events.add("cut_off")
    }
  }

  private func series(_ webhook: String) -> (timer: Timer, inFlight: Meter) {
    latencies.withLock { known in
      if let found = known[webhook] { return found }
      let labels = [("webhook", webhook)]
      let made = (
        timer: Timer(label: GateMetric.latency.rawValue, dimensions: labels, factory: registry),
        inFlight: Meter(label: GateMetric.inFlight.rawValue, dimensions: labels, factory: registry)
      )
      known[webhook] = made
      return made
    }
  }

  // MARK: when they are read

  /// Prometheus' text format.
  func exposition(_ readiness: ReadinessReport) async -> String {
    for check in readiness.checks { set(.readiness, check.problem == nil ? 1 : 0, ("check", check.name)) }
    if let sources = sources.withLock({ $0 }) {
      readPolicy(sources.store)
      readCertificate(sources.certificates)
      await sources.setting.read(into: self)
    }
    return registry.exposition()
  }

  private func readPolicy(_ store: SnapshotStore) {
    let (report, snapshot) = (store.report, store.current)
    advance(.policyReloads, to: Int64(report.successes), ("result", "success"))
    advance(.policyReloads, to: Int64(report.failures), ("result", "failure"))
    set(.policyProblems, Double(report.problems.count))
    set(.policyObjects, Double(snapshot?.objects ?? 0), ("kind", "all"))
    set(.policyObjects, Double(snapshot?.roles ?? 0), ("kind", "role"))
    set(.policyObjects, Double(snapshot?.bindings ?? 0), ("kind", "binding"))
    guard let loadedAt = report.loadedAt else { return }
    set(.policyLoaded, Double(loadedAt))
    set(.policyAge, Double(Int64(time(nil)) - loadedAt))
  }

  private func readCertificate(_ certificates: CertificateWatch) {
    let certificate = certificates.certificate
    set(.certificateDays, Double(certificate.daysLeft()))
    set(.certificateEnd, Double(certificate.notAfter))
  }

  /// What is mirrored of a cluster, and how old that is.
  func readMirror(_ mirror: ClusterMirror) {
    for state in mirror.states {
      let label = ("resource", state.resource.type.description)
      set(.mirrorObjects, Double(mirror.tables.count(of: state.resource)), label)
      set(.mirrorTrusted, state.isCurrent ? 1 : 0, label)
      if let age = state.age { set(.mirrorAge, age / .seconds(1), label) }
    }
  }

  /// What came of the last probe: 1 for that outcome, 0 for the others.
  func readRegistration(_ finding: RegistrationFinding) {
    for outcome in RegistrationFinding.Outcome.allCases {
      set(.registration, outcome == finding.outcome ? 1 : 0, ("outcome", outcome.rawValue))
    }
  }

  func readJobs(_ journal: Journal, worker: WorkerChild?) async {
    if let worker = worker?.state { advance(.workerRestarts, to: Int64(worker.restarts)) }
    guard let totals = try? await journal.totals() else { return }
    for step in JobStep.allCases { set(.jobs, Double(totals.jobs[step] ?? 0), ("state", step.rawValue)) }
    advance(.bytesCopied, to: totals.bytesCopied)
    advance(.jobRestarts, to: totals.restarts)
    let presence = try? await journal.worker()
    set(.workerUp, presence?.isAlive == true ? 1 : 0)
  }

  private func advance(_ metric: GateMetric, to total: Int64, _ labels: (String, String)...) {
    let added = seen.withLock { seen in
      let key = metric.rawValue + labels.map { ",\($0.1)" }.joined()
      defer { seen[key] = max(total, seen[key] ?? 0) }
      return total - (seen[key] ?? 0)
    }
    Counter(label: metric.rawValue, dimensions: labels, factory: registry).increment(by: max(added, 0))
  }

  private func set(_ metric: GateMetric, _ value: Double, _ labels: (String, String)...) {
    Gauge(label: metric.rawValue, dimensions: labels, factory: registry).record(value)
  }
}

extension Duration {
  /// Whole nanoseconds; admission takes far less than the centuries that fit.
  fileprivate var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
