import Admission
import Jobs
import Logging
import ServiceLifecycle

/// The gate without a cluster: policy from a directory, accepted clones into the journal, a worker as a
/// child.
struct StandaloneSetting: GateSetting {
  private let journal: Journal
  private let watch: DirectoryWatch
  private let feed: JournalFeed
  private let worker: WorkerChild?
  private let health: JournalHealth
  private let store: SnapshotStore
  let recorder: CloneRecorder?
  var secondOpinion: SecondOpinion? { nil }
  /// The journal is the proof.
  var stamping: Stamping { .off }

  init(_ directory: StandaloneDirectory, _ parts: GateParts) throws {
    let options = parts.options
    journal = try StartRefusal.journal(options) { try Journal.open(directory: options.data) }
    worker =
      options.noWorker
      ? nil : WorkerChild(options: options, data: journal.directory, logger: parts.logger)
    feed = JournalFeed(journal: journal, store: parts.store, logger: parts.logger)
    health = JournalHealth(journal)
    store = parts.store
    recorder = CloneRecorder(journal: journal, store: parts.store)
    let log = PolicyLog(parts.logger)
    watch = DirectoryWatch(directory) { [store] in log.write(store.offer($0), store.current) }
  }

  var services: [any Service] {
    guard let worker else { return [feed] }
    return [feed, worker]
  }

  var metadata: Logger.Metadata { ["directory": "\(watch.path)", "data": "\(journal.directory)"] }

  func start() async throws {
    try await journal.setStandaloneDirectory(watch.path)
    _ = await feed.look(nil)
    watch.start()
  }

  func readAgain() { watch.readAgain() }

  func leaving() { worker?.leaving() }

  func stop() async {
    watch.stop()
    journal.close()
  }

  func read(into metrics: GateMetrics) async { await metrics.readJobs(journal, worker: worker) }

  var checks: [ReadinessCheck] {
    get async {
      let finding = await health.finding
      return [
        .policy(store.report, now: .secondsSince1970),
        ReadinessCheck(name: "journal", problem: finding.journalProblem), check(finding.worker),
      ]
    }
  }

  private func check(_ presence: WorkerPresence?) -> ReadinessCheck {
    guard let state = worker?.state else {
      return ReadinessCheck(name: "worker", problem: nil, note: "none is started here (--no-worker)")
    }
    let isAlive = state.isRunning && presence?.isAlive == true
    let ending = state.ending.map { "; the last one ended: \($0)" } ?? ""
    return ReadinessCheck(name: "worker", problem: isAlive ? nil : "it does not beat\(ending); see the log")
  }
}
