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
  private let journal: Journal
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
    (self.journal, self.logger, self.node) = (journal, logger, node)
  }

  /// Where a job's volumes are.
  var resolver: VolumeResolver { { [copier] job, _ in copier.resolve(job) } }

  /// Follows the orders until a signal says to leave.
  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    logger.notice(
      "copying for a node", metadata: ["node": "\(node)", "apiServer": "\(client.configuration.server)"])
    let group = ServiceGroup(services: [copier], logger: logger)
    let signals = Signals(group: group, logger: logger) {}
    let following = Task { await signals.follow() }
    defer { following.cancel() }
    try await group.run()
    await client.close()
    await loops.stop()
  }
}
