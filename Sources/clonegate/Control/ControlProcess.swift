import ArgumentParser
import Control
import Glibc
import HTTP
import Kubernetes
import Logging
import ServiceLifecycle
import Transport

/// Everything that `control` needs, joined.
struct ControlProcess {
  private let options: ControlCommand
  private let client: KubernetesClient
  private let loops: LoopGroup
  /// Nil where CDI copies.
  private let controller: Controller?
  private let probes: HTTPServer
  private let logger: Logger

  init(_ options: ControlCommand, _ configuration: ClusterConfiguration, logger: Logger) throws {
    self.options = options
    self.logger = logger
    let loops = try LoopGroup(count: 1)
    let client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: loops.leastLoaded)) {
      logger.warning("the API server warns", metadata: ["warning": "\($0)"])
    }
    let metrics = ControlMetrics(version: Clonegate.configuration.version)
    let controller: Controller? =
      if options.copying == .cdi {
        nil
      } else {
        Self.controller(options, client, metrics, logger)
      }
    let endpoint = HealthEndpoint(
      report: { ReadinessReport(checks: controller?.checks ?? [.idle]) },
      metrics: { report in controller.map { metrics.exposition(report, of: $0) } ?? "" })
    probes = HTTPServer(
      configuration: .probes(options.healthListen), tls: nil, loops: loops,
      handler: { endpoint.handle($0) })
    (self.loops, self.client, self.controller) = (loops, client, controller)
  }

  private static func controller(
    _ options: ControlCommand, _ client: KubernetesClient, _ metrics: ControlMetrics, _ logger: Logger
  ) -> Controller {
    let host = hostName
    return Controller(
      Controller.Parts(
        client: client, identity: "\(host)_\(UInt64.random(in: .min ... .max))", instance: host,
        settings: ControlSettings(
          namespace: options.cluster.home(client.configuration), verification: options.verify,
          admission: options.admission),
        metrics: metrics, logger: logger))
  }

  /// In a pod its name.
  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "clonegate-control" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Until a signal says to leave.
  func run() async throws {
    let probing = try await StartRefusal.port(options.healthListen, "--health-listen") {
      try await probes.start()
    }
    logger.notice(
      "controlling",
      metadata: [
        "apiServer": "\(client.configuration.server)", "health": "http://\(probing)",
        "copying": "\(options.copying.rawValue)",
      ])
    var services: [any Service] = [GateService(name: "health", server: probes, logger: logger) {}]
    if let controller { services.append(controller) }
    let group = ServiceGroup(services: services, logger: logger)
    let signals = Signals(group: group, logger: logger) {}
    let following = Task { await signals.follow() }
    defer { following.cancel() }
    try await group.run()
    await client.close()
    await loops.stop()
    logger.notice("left")
  }
}

extension ReadinessCheck {
  fileprivate static let idle = ReadinessCheck(
    name: "controller", problem: nil, note: "it does nothing: CDI copies (--copying=cdi)")
}
