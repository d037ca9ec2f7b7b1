import Control
import Kubernetes
import Logging
import ServiceLifecycle
import Synchronization

/// The controller of clone DataVolumes: every replica follows the cluster, the leader acts.
final class Controller: Service {
  /// What it is made from.
  struct Parts: Sendable {
    let client: KubernetesClient
    /// This process and no other.
    let identity: String
    /// Which of the replicas, for people: the pod's name.
    let instance: String
    let settings: ControlSettings
    let metrics: ControlMetrics
    let logger: Logger
  }

  static let leaseName = "clonegate-controller"
  /// DataVolumes that are looked at together: most of a look is waiting for the API server.
  private static let workers = 8
  /// Between looks at the age of the keys.
  private static let keyInterval = Duration.seconds(600)
  /// Between tries of what must work before the first round.
  private static let pause = Duration.milliseconds(500)

  let mirror: ControlMirror
  private let keys: KeyRingMirror
  private let election: LeaderElection
  private let rotation: KeyRingRotation
  private let round: CloneRound
  private let events: EventRecorder
  private let line: QueueOfLeader
  private let logger: Logger

  init(_ parts: Parts) {
    let (client, home) = (parts.client, parts.settings.namespace)
    let line = QueueOfLeader()
    let election = LeaderElection(
      client: client, namespace: home, name: Self.leaseName, identity: parts.identity)
    mirror = ControlMirror(client: client, home: home) { line.add($0) }
    keys = KeyRingMirror(client: client, namespace: home)
    rotation = KeyRingRotation(client: client, namespace: home)
    events = EventRecorder(client: client, component: "clonegate-control", instance: parts.instance)
    round = CloneRound(
      mirror: mirror, client: client,
      access: CloneAccess(client: client, keys: keys, settings: parts.settings.admission),
      performer: ClonePerformer(client: client, home: home) { election.isLeader },
      events: events, settings: parts.settings, metrics: parts.metrics, logger: parts.logger)
    self.election = election
    self.line = line
    logger = parts.logger
  }

  var isLeader: Bool { election.isLeader }
  var queueDepth: (waiting: Int, working: Int) { line.current?.depth ?? (0, 0) }
  var lostEvents: Int { events.dropped }

  /// Until the process is asked to leave; the Lease is given back then.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.mirror.run() }
        group.addTask { await self.keys.run() }
        group.addTask { await self.events.run() }
        group.addTask { await self.election.run { await self.lead() } }
      }
    }
  }

  var checks: [ReadinessCheck] {
    let problems = mirror.problems
    let leader = isLeader ? "this one leads" : "led by \(election.leader ?? "nobody yet")"
    let lease = election.lastFailure.map { "the Lease \(Self.leaseName) cannot be read or written: \($0)" }
    return [
      ReadinessCheck(name: "mirror", problem: problems.isEmpty ? nil : problems.joined(separator: "; ")),
      ReadinessCheck(name: "lease", problem: lease, note: leader),
    ]
  }

  /// Acts until leadership is lost, or the process leaves.
  private func lead() async {
    logger.notice("leading")
    await withDiscardingTaskGroup { group in
      group.addTask { await self.keepKeys() }
      group.addTask { await self.work() }
    }
    logger.notice("leading no more")
  }

  private func work() async {
    while !mirror.problems.isEmpty || keys.ring == nil {
      guard await rest(Self.pause) else { return }
    }
    while await !round.sweepAll() { guard await rest(Self.pause) else { return } }
    let queue = WorkQueue<ObjectKey>()
    line.current = queue
    queue.add(mirror.tables.keys(.dataVolumes))
    await queue.run(workers: Self.workers) { await self.round.run($0) }
    line.current = nil
  }

  /// The Secret of the keys, from the first minute on, and a new key in it from time to time.
  private func keepKeys() async {
    var pause: Duration
    var told: [String] = []
    repeat {
      pause = Self.keyInterval
      do throws(KubernetesError) {
        let outcome = try await rotation.run(now: .secondsSince1970) { ahead in
          if ahead != told { sayAhead(ahead) }
          told = ahead
        }
        if outcome != .current { logger.notice("a new key for stamps", metadata: ["secret": "\(outcome)"]) }
      } catch {
        logger.error(
          "the keys of stamps could not be kept",
          metadata: ["secret": "\(KeyRing.secretName)", "error": "\(error)"])
        pause = .seconds(5)
      }
    } while await rest(pause)
  }

  private func sayAhead(_ ids: [String]) {
    guard !ids.isEmpty else { return }
    logger.warning(
      "keys of stamps lie in the future and do not sign: see the clocks of the nodes",
      metadata: ["secret": "\(KeyRing.secretName)", "keys": "\(ids.joined(separator: " "))"])
  }

  /// Whether to go on afterwards.
  private func rest(_ pause: Duration) async -> Bool {
    try? await Task.sleep(for: pause)
    return !Task.isCancelled
  }
}

/// The queue of this leadership: while another replica leads there is none, and nothing gathers.
private final class QueueOfLeader: Sendable {
  private let queue = Mutex<WorkQueue<ObjectKey>?>(nil)

  var current: WorkQueue<ObjectKey>? {
    get { queue.withLock { $0 } }
    set { queue.withLock { $0 = newValue } }
  }

  func add(_ keys: Set<ObjectKey>) {
    if !keys.isEmpty { current?.add(keys) }
  }
}
