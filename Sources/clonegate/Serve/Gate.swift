import ArgumentParser
import Glibc
import HTTP
import Jobs
import Logging
import Metrics
import ServiceLifecycle
import Telemetry
import Transport

/// Everything that `serve` needs, joined: built before anything listens, so that a gate that cannot work
/// says so and leaves.
struct Gate {
  private let options: ServeOptions
  private let logger: Logger
  private let journal: Journal
  private let loops: LoopGroup
  private let watch: DirectoryWatch
  private let feed: JournalFeed
  private let certificates: CertificateWatch
  private let worker: WorkerChild?
  private let health: GateHealth
  private let gate: HTTPServer
  private let probes: HTTPServer

  init(_ options: ServeOptions, directory: StandaloneDirectory, logger: Logger) throws {
    self.options = options
    self.logger = logger
    let metrics = GateMetrics(version: Clonegate.configuration.version)
    let store = SnapshotStore(settings: options.admission)
    let tls = try StartRefusal.certificate(options) { try TLSServerContext(options.tls) }
    journal = try StartRefusal.journal(options) { try Journal.open(directory: options.data) }
    loops = try LoopGroup(count: options.loops)
    certificates = CertificateWatch(options, tls: tls, logger: logger, metrics: metrics)
    worker = options.noWorker ? nil : WorkerChild(options: options, data: journal.directory, logger: logger)
    health = GateHealth(
      store: store, certificates: certificates, journal: JournalHealth(journal), worker: worker)
    metrics.read(
      from: GateMetrics.Sources(store: store, journal: journal, certificates: certificates, worker: worker))
    feed = JournalFeed(journal: journal, store: store, logger: logger)
    let log = PolicyLog(logger)
    watch = DirectoryWatch(directory) { log.write(store.offer($0), store.current) }
    let endpoint = AdmissionEndpoint(
      store: store, recorder: CloneRecorder(journal: journal, store: store), metrics: metrics, logger: logger)
    let refusals = RefusalLog(logger)
    let probe = HealthEndpoint(health: health, metrics: metrics)
    gate = HTTPServer(
      configuration: HTTPServerConfiguration(address: options.listen), tls: tls, loops: loops,
      observe: { event in
        metrics.happened(event)
        refusals.happened(event)
      }, handler: { endpoint.handle($0) })
    probes = HTTPServer(
      configuration: HTTPServerConfiguration(address: options.healthListen), tls: nil, loops: loops,
      handler: { probe.handle($0) })
  }

  /// Serves until a signal says to leave.
  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    try await journal.setStandaloneDirectory(watch.path)
    _ = await feed.look(nil)
    watch.start()
    let listening = try await StartRefusal.port(options.listen, "--listen") { try await gate.start() }
    let probing = try await StartRefusal.port(options.healthListen, "--health-listen") {
      try await probes.start()
    }
    logger.notice(
      "serving",
      metadata: [
        "address": "https://\(listening)", "health": "http://\(probing)", "threads": "\(loops.loops.count)",
        "directory": "\(watch.path)", "data": "\(journal.directory)",
      ])
    try await serve()
    watch.stop()
    journal.close()
    await loops.stop()
    logger.notice("left")
  }

  /// Services end in the reverse of this order: the gate answers what is in flight while all the others
  /// still work, and the probes can be asked to the last.
  private func serve() async throws {
    let health = self.health
    var services: [any Service] = [
      GateService(name: "health", server: probes, logger: logger) {}, certificates, feed,
    ]
    if let worker { services.append(worker) }
    services.append(
      GateService(name: "gate", server: gate, logger: logger) { health.beginDrain() })
    let group = ServiceGroup(services: services, logger: logger)
    let signals = Signals(group: group, logger: logger) { [watch, certificates] in
      watch.readAgain()
      certificates.readAgain()
    }
    let following = Task { await signals.follow() }
    defer { following.cancel() }
    try await group.run()
  }
}
