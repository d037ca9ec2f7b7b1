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
  /// For what was begun when the process is asked to leave: most of it is one write to the API server.
  private static let drainLimit = Duration.seconds(10)
  /// Between tries of what must work before the first round.
  private static let pause = Duration.milliseconds(500)
  /// For so long a new leader may be waiting for its first lists before anybody is told.
  private static let patience = Duration.seconds(10)

  let mirror: ControlMirror
  private let keys: KeyKeeper
  private let election: LeaderElection
  private let round: CloneRound
  private let events: EventRecorder
  private let line: QueueOfLeader
  private let blindness: BlindnessLog
  private let logger: Logger

  init(_ parts: Parts) {
    let (client, home) = (parts.client, parts.settings.namespace)
    let line = QueueOfLeader(), blindness = BlindnessLog(parts.logger)
    let election = LeaderElection(
      client: client, namespace: home, name: Self.leaseName, identity: parts.identity)
    mirror = ControlMirror(client: client, home: home) { line.add($0) }
    keys = KeyKeeper(client: client, namespace: home, logger: parts.logger)
    events = EventRecorder(client: client, component: "clonegate-control", instance: parts.instance)
    round = CloneRound(
      tables: mirror.tables, mirrorProblems: { [mirror] in mirror.problems }, client: client,
      access: CloneAccess(client: client, keys: keys.mirror, settings: parts.settings.admission),
      performer: ClonePerformer(client: client, home: home) { election.isLeader },
      events: events, settings: parts.settings, metrics: parts.metrics, blindness: blindness,
      logger: parts.logger)
    self.election = election
    self.line = line
    self.blindness = blindness
    logger = parts.logger
  }

  var isLeader: Bool { election.isLeader }
  var queueDepth: (waiting: Int, working: Int) { line.current?.depth ?? (0, 0) }
  var lostEvents: Int { events.dropped }

  /// Until the process is asked to leave: then no clone is looked at any more, and what was begun is ended.
  func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.mirror.run() }
      group.addTask { await self.keys.mirror.run() }
      await self.leadWhenElected()
      group.cancelAll()
    }
  }

  private func leadWhenElected() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        async let telling: Void = self.events.run()
        // Ends when there is nothing to lead any more, and gives the Lease back then.
        await self.election.run { await self.lead() }
        self.events.finish()
        await telling
      }
      group.addTask { await self.waitToLeave() }
      await group.next()
      group.cancelAll()
    }
  }

  /// Until nothing is waited for any more.
  private func waitToLeave() async {
    try? await gracefulShutdown()
    keys.close()
    line.close()
    guard isLeader, await rest(Self.drainLimit) else { return }
    logger.warning("what was begun is cut off", metadata: ["after": "\(Self.drainLimit)"])
  }

  var checks: [ReadinessCheck] {
    let problems = mirror.problems
    let leader = isLeader ? "this one leads" : "led by \(election.leader ?? "nobody yet")"
    let lease = election.lastFailure.map { "the Lease \(Self.leaseName) cannot be read or written: \($0)" }
    return [
      ReadinessCheck(name: "mirror", problem: problems.isEmpty ? nil : problems.joined(separator: "; ")),
      ReadinessCheck(name: "lease", problem: lease, note: leader), keys.mirror.check,
    ]
  }

  /// Acts until leadership is lost, or the process leaves.
  private func lead() async {
    logger.notice("leading")
    await withDiscardingTaskGroup { group in
      group.addTask { await self.keys.run() }
      group.addTask { await self.work() }
    }
    logger.notice("leading no more")
  }

  /// What was begun goes on by what was last known, as it does under a leader whose watches break later; what
  /// is new waits in its round until all is known again.
  private func work() async {
    var patience = Self.patience
    while !mirror.isListed || keys.mirror.current.ring == nil {
      guard await rest(Self.pause), !line.isClosed else { return }
      patience -= Self.pause
      if patience < .zero { blindness.tell(mirror.problems + [keys.mirror.check.problem].compactMap { $0 }) }
    }
    guard let queue = line.open() else { return }
    // Orders of DataVolumes that went meanwhile too: each in its turn, so that none holds the others up.
    queue.add(mirror.tables.ownersOfOrders.union(mirror.tables.keys(.dataVolumes)))
    await queue.run(workers: Self.workers) { await self.round.run($0) }
    line.drop()
  }

  /// Whether to go on afterwards.
  private func rest(_ pause: Duration) async -> Bool {
    try? await Task.sleep(for: pause)
    return !Task.isCancelled
  }
}

/// The queue of this leadership: while another replica leads there is none, and nothing gathers.
private final class QueueOfLeader: Sendable {
  private struct State {
    var queue: WorkQueue<ObjectKey>?
    var isClosed = false
  }

  private let state = Mutex(State())

  var current: WorkQueue<ObjectKey>? { state.withLock { $0.queue } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// A new one; nil when it is closed.
  func open() -> WorkQueue<ObjectKey>? {
    state.withLock { state in
      guard !state.isClosed else { return nil }
      let queue = WorkQueue<ObjectKey>()
      state.queue = queue
      return queue
    }
  }

  func drop() { state.withLock { $0.queue = nil } }

  /// For good: no key is handed out any more.
  func close() {
    let queue = state.withLock { state in
      state.isClosed = true
      return state.queue
    }
    queue?.close()
  }

  func add(_ keys: Set<ObjectKey>) {
    if !keys.isEmpty { current?.add(keys) }
  }
}
