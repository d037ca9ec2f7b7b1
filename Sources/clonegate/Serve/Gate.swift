import ArgumentParser
import Glibc
import HTTP
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
  private let loops: LoopGroup
  private let certificates: CertificateWatch
  private let setting: any GateSetting
  private let health: GateHealth
  private let gate: HTTPServer
  private let probes: HTTPServer

  /// - Parameter setting: makes where the gate lives.
  init(_ options: ServeOptions, logger: Logger, setting make: (GateParts) throws -> any GateSetting) throws {
    self.options = options
    self.logger = logger
    let metrics = GateMetrics(version: Clonegate.configuration.version)
    let store = SnapshotStore(settings: options.admission)
    let tls = try StartRefusal.certificate(options) { try TLSServerContext(options.tls) }
    loops = try LoopGroup(count: options.loops)
    certificates = CertificateWatch(options, tls: tls, logger: logger, metrics: metrics)
    setting = try make(
      GateParts(options: options, store: store, loops: loops, certificates: certificates, logger: logger))
    health = GateHealth(setting: setting, certificates: certificates)
    metrics.read(from: GateMetrics.Sources(store: store, certificates: certificates, setting: setting))
    let endpoint = AdmissionEndpoint(
      store: store, recorder: setting.recorder, secondOpinion: setting.secondOpinion,
      stamping: { [setting] in setting.stamping }, metrics: metrics, logger: logger)
    let refusals = RefusalLog(logger)
    let probe = HealthEndpoint(
      report: { [health] in await health.report }, metrics: { await metrics.exposition($0) })
    gate = HTTPServer(
      configuration: .besideProbes(options.listen), tls: tls, loops: loops,
      observe: { [setting] event in
        if case .connectionRefused(let refusal) = event, setting.isOwnProbe(refusal.peer) { return }
        metrics.happened(event)
        refusals.happened(event)
      }, handler: { endpoint.handle($0) })
    probes = HTTPServer(
      configuration: .probes(options.healthListen), tls: nil, loops: loops,
      handler: { probe.handle($0) })
  }

  /// Serves until a signal says to leave.
  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    try await setting.start()
    let listening = try await StartRefusal.port(options.listen, "--listen") { try await gate.start() }
    setting.listening(on: listening)
    let probing = try await StartRefusal.port(options.healthListen, "--health-listen") {
      try await probes.start()
    }
    let metadata: Logger.Metadata = [
      "address": "https://\(listening)", "health": "http://\(probing)", "threads": "\(loops.loops.count)",
    ]
    logger.notice("serving", metadata: metadata.merging(setting.metadata) { first, _ in first })
    try await serve()
    await setting.stop()
    await loops.stop()
    logger.notice("left")
  }

  /// Services end in the reverse of this order: the gate answers what is in flight while all the others
  /// still work, and the probes can be asked to the last.
  private func serve() async throws {
    let health = self.health
    var services: [any Service] = [
      GateService(name: "health", server: probes, logger: logger) {}, certificates,
    ]
    services += setting.services
    services.append(
      GateService(name: "gate", server: gate, logger: logger, delay: .seconds(options.shutdownDelay)) {
        health.beginDrain()
      })
    let group = ServiceGroup(services: services, logger: logger)
    let signals = Signals(group: group, logger: logger, leaving: { [setting] in setting.leaving() }) {
      [setting, certificates] in
      setting.readAgain()
      certificates.readAgain()
    }
    let following = Task { await signals.follow() }
    defer { following.cancel() }
    try await group.run()
  }
}
