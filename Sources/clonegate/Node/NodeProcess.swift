import Glibc
import HTTP
import Jobs
import Kubernetes
import Logging
import ServiceLifecycle
import Synchronization
import Transport

/// Everything that `work --node` needs, joined: the copier beside an ordinary worker.
struct NodeProcess {
  private let client: KubernetesClient
  private let loops: LoopGroup
  private let copier: NodeCopier
  private let probes: HTTPServer?
  private let options: NodeOptions
  private let logger: Logger
  private let node: String

  init(
    _ options: NodeOptions, _ configuration: ClusterConfiguration, node: String, journal: Journal,
    logger: Logger
  ) throws {
    loops = try LoopGroup(count: 1)
    client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: loops.leastLoaded)) {
      logger.warning("the API server warns", metadata: ["warning": "\($0)"])
    }
    copier = NodeCopier(
      client: client, journal: journal, node: node, home: options.cluster.home(configuration),
      hostRoot: options.root, logger: logger)
    let health = NodeHealth(journal: journal, orders: { [copier] in copier.standing })
    probes = options.healthListen.map { [loops] address in
      HTTPServer(
        configuration: .probes(address), tls: nil, loops: loops,
        handler: { health.endpoint.handle($0) })
    }
    (self.options, self.logger, self.node) = (options, logger, node)
  }

  /// Where a job's volumes are.
  var resolver: VolumeResolver { { [copier] job, _ in copier.resolve(job) } }

  /// Follows the orders, and lets the worker carry them out, until a signal says to leave.
  /// - Throws: what the worker ended with, when it ended sooner.
  func run(_ worker: NodeWorker) async throws {
    signal(SIGPIPE, SIG_IGN)
    var services: [any Service] = []
    if let probes { services.append(try await listen(probes)) }
    logger.notice(
      "copying for a node", metadata: ["node": "\(node)", "apiServer": "\(client.configuration.server)"])
    // Told to leave, the last goes first: the worker asks the copier where volumes are.
    services += [copier, worker]
    let group = ServiceGroup(services: services, logger: logger)
    let signals = Signals(group: group, logger: logger) {}
    let following = Task { await signals.follow() }
    defer { following.cancel() }
    try await group.run()
    await client.close()
    await loops.stop()
  }

  private func listen(_ probes: HTTPServer) async throws -> GateService {
    if let address = options.healthListen {
      let bound = try await StartRefusal.port(address, "--health-listen") { try await probes.start() }
      logger.notice("answering probes", metadata: ["health": "http://\(bound)"])
    }
    return GateService(name: "health", server: probes, logger: logger) {}
  }
}
