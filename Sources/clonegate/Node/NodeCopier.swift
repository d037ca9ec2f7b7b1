import Admission
import Control
import JSON
import Jobs
import Kubernetes
import Logging
import ServiceLifecycle
import Synchronization

/// Turns this node's orders into jobs of the local journal, and what becomes of the jobs into reports. The
/// journal is the memory: killed at any moment, it goes on from there, and asks the API server again.
final class NodeCopier: Service {
  /// Between looks at orders and jobs.
  private static let interval = Duration.seconds(1)
  /// Between two reports that tell only how far a copy is: each is written twice, by us and, in the
  /// DataVolume, by the controller. What happens is told at once.
  private static let progress: Int64 = 3
  /// A copy that says nothing new still says that it lives.
  private static let heartbeat: Int64 = 15
  /// Between two looks at the claims and volumes of a copy whose bytes move.
  private static let lookAgain = Duration.seconds(10)

  private let client: KubernetesClient
  private let journal: Journal
  private let node: String
  private let home: String
  private let orders = NodeOrders()
  private let checks: NodeChecks
  private let reflector: Reflector<VolumeCopy?>
  private let logger: Logger

  init(
    client: KubernetesClient, journal: Journal, node: String, home: String, hostRoot: String?, logger: Logger
  ) {
    self.client = client
    self.journal = journal
    self.node = node
    self.home = home
    self.logger = logger
    checks = NodeChecks(client: client, node: node, hostRoot: hostRoot, orders: orders, logger: logger)
    let selector = ObjectSelector(labels: "\(Control.nodeLabel)=\(VolumeCopy.nodeLabel(node))")
    reflector = Reflector(
      .volumeCopies, in: home, selector: selector, client: client,
      project: { [logger] object in
        do throws(VolumeCopyProblem) {
          return try VolumeCopy(object)
        } catch {
          logger.error("an order cannot be read", metadata: ["problem": "\(error)"])
          return nil
        }
      }, sink: { [orders] in orders.apply($0) })
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      async let following: Void = self.reflector.run()
      while !Task.isCancelled {
        await self.turn()
        try? await Task.sleep(for: Self.interval)
      }
      await following
    }
  }

  /// The worker's question: where are this job's volumes? Blocks.
  func resolve(_ job: Job) -> Resolution { checks.resolve(job) }

  /// How following the orders stands.
  var standing: ReflectorStanding { reflector.current }

  // MARK: - One turn

  private func turn() async {
    // Before the first list nothing is known to be gone.
    guard let all = orders.all else { return }
    do throws(JournalError) {
      let jobs = try await journal.jobs(JobFilter(includesRemoved: true))
      for job in jobs where !job.removed && orders.known(key: job.key) == nil { try await forget(job) }
      let byKey = Dictionary(jobs.map { ($0.key, $0) }) { _, last in last }
      await withDiscardingTaskGroup { group in
        for order in all.compactMap(\.order) {
          group.addTask { await self.tend(order, Self.job(of: order, byKey)) }
        }
      }
    } catch {
      logger.error("the journal cannot be used", metadata: ["error": "\(error)"])
    }
  }

  /// Journals of before have the order's name for a key; there, what is being removed is an earlier order's.
  private static func job(of order: VolumeCopy, _ byKey: [String: Job]) -> Job? {
    if let job = byKey[order.uid] { return job }
    return byKey[order.name].flatMap { order.isBeingDeleted || !$0.removed ? $0 : nil }
  }

  private func tend(_ order: VolumeCopy, _ job: Job?) async {
    do {
      // A label can be that of several nodes, and anyone's mistake: only the node that is named acts.
      guard order.order.nodeName == node else { return }
      if order.isBeingDeleted { return try await end(order, job) }
      let key = job?.key ?? order.uid
      do { try await begin(order, job) } catch {
        // A look that failed is no reason to keep quiet about a copy that goes on.
        try await tell(order, key)
        throw error
      }
      try await tell(order, key)
    } catch let error as KubernetesError {
      logger.warning("the API server", metadata: ["order": "\(order.name)", "error": "\(error)"])
    } catch {
      logger.error("the journal", metadata: ["order": "\(order.name)", "error": "\(error)"])
    }
  }

  // MARK: - Orders

  /// One job for each order, however often it is seen; a new attempt of it when one was ordered.
  private func begin(_ order: VolumeCopy, _ job: Job?) async throws {
    let isOver = job.map { $0.step == .reported } ?? (order.report?.phase == .succeeded)
    guard !isOver else { return }
    if isDue(order, job) { try await checks.look(order) }
    guard orders.obstacle(order) == nil else { return }
    if job == nil {
      let recorded = try await journal.record([CloneRequest(order)])
      if case .taken? = recorded.first?.outcome {
        logger.info("waits for the removal of an earlier copy", metadata: ["order": "\(order.name)"])
        return
      }
    }
    try await journal.attempt(order.order.attempt, key: job?.key ?? order.uid)
  }

  /// Each attempt is looked at once here; the worker looks again before each try, so only a copy that runs
  /// is looked at from here from time to time.
  private func isDue(_ order: VolumeCopy, _ job: Job?) -> Bool {
    guard let checked = orders.checked(order), checked.attempt == order.order.attempt else { return true }
    let isRunning = job.map { $0.step == .prepared || $0.step.isMoving } ?? false
    return isRunning && checked.age >= Self.lookAgain
  }

  // MARK: - Ends

  /// The order is being deleted: its copy stops, and when nothing half done is left, the order may go.
  private func end(_ order: VolumeCopy, _ job: Job?) async throws {
    guard let job else { return try await release(order) }
    if !job.removed { try await forget(job) }
  }

  /// Its order is gone: what was not finished is stopped and removed. A finished copy stays as it is.
  private func forget(_ job: Job) async throws(JournalError) {
    let text = job.step == .reported ? "a finished copy's order is gone" : "a copy is not wanted any more"
    logger.notice("\(text)", metadata: ["order": "\(job.key)"])
    try await journal.delete(CloneRequest.name(of: job), uid: job.uid)
  }

  private func release(_ order: VolumeCopy) async throws(KubernetesError) {
    guard order.isHeldByCopier else { return }
    do throws(KubernetesError) {
      _ = try await client.update(.volumeCopies, order.name, in: home, within: NodeChecks.patience) {
        object in
        guard object["metadata"]?["uid"]?.string == order.uid else { return }
        VolumeCopy.release(&object)
      }
    } catch {
      guard error.isNotFound else { throw error }
    }
  }

  // MARK: - Reports

  /// Says what is new, and from time to time that nothing is. What could not be said is said at the next
  /// turn.
  private func tell(_ order: VolumeCopy, _ key: String) async throws {
    let now = UTCTime(seconds: .secondsSince1970)
    guard let report = try await report(order, key, now) else { return }
    if let said = order.report {
      let age = now.seconds - (said.heartbeatTime?.seconds ?? 0)
      // An age below nothing: the clock was set back.
      if report.says(theSameAs: said) {
        guard !report.phase.isFinal, !(0..<Self.heartbeat).contains(age) else { return }
      } else if report.saysNoMore(than: said), (0..<Self.progress).contains(age) {
        return
      }
    }
    _ = try await client.patch(
      .volumeCopies, order.name, in: home, .merge(report.mergePatch), subresource: "status",
      within: NodeChecks.patience)
  }

  /// What is in the way of the current attempt counts more than how an earlier one ended.
  private func report(
    _ order: VolumeCopy, _ key: String, _ now: UTCTime
  ) async throws(JournalError) -> VolumeCopyReport? {
    let job = try await journal.job(key: key)
    if job?.step != .reported, let obstacle = orders.obstacle(order) {
      return VolumeCopyReport(obstacle, attempt: order.order.attempt, now: now)
    }
    guard let job, !job.removed else { return nil }
    return VolumeCopyReport(job, now: now)
  }
}

extension CloneRequest {
  /// The order's own uid is the job's key and nothing else: no restart doubles it, and an order that a person
  /// deletes and makes again for the same DataVolume is a new job.
  init(_ copy: VolumeCopy) {
    let order = copy.order
    let terms = CloneTerms(
      namespace: order.dataVolume.namespace, name: order.dataVolume.name,
      sourceNamespace: order.source.namespace, sourceName: order.source.claim,
      volumeMode: order.target.mode == .block ? .block : .filesystem, preallocation: order.preallocation)
    self.init(
      key: copy.uid, terms: terms,
      object: [
        "apiVersion": .string(CloneDataVolume.apiVersion), "kind": .string(CloneDataVolume.kind),
        "metadata": [
          "namespace": .string(order.dataVolume.namespace), "name": .string(order.dataVolume.name),
          "uid": .string(order.dataVolume.uid),
        ],
      ])
  }

  fileprivate static func name(of job: Job) -> ObjectName {
    ObjectName(kind: CloneDataVolume.kind, namespace: job.terms.namespace, name: job.terms.name)
  }
}
