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
  /// Between looks at orders and jobs; also the least time between two reports of one order.
  private static let interval = Duration.seconds(1)
  /// A copy that says nothing new still says that it lives.
  private static let heartbeat: Int64 = 15
  /// Of one call; a copy waits for none of them.
  private static let patience = Duration.seconds(10)

  private let client: KubernetesClient
  private let journal: Journal
  private let node: String
  private let home: String
  private let hostRoot: String?
  private let orders = NodeOrders()
  private let reflector: Reflector<VolumeCopy?>
  private let logger: Logger

  init(
    client: KubernetesClient, journal: Journal, node: String, home: String, hostRoot: String?, logger: Logger
  ) {
    self.client = client
    self.journal = journal
    self.node = node
    self.home = home
    self.hostRoot = hostRoot
    self.logger = logger
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

  /// The worker's question: where are this job's volumes?
  func resolve(_ job: Job) -> Resolution {
    switch orders.checked(job.key)?.outcome {
    case .success(let places): return .found(places)
    case .failure(let obstacle) where obstacle.mayPass:
      return .notYet(reason: obstacle.reason, message: obstacle.message)
    case .failure(let obstacle): return .refused(reason: obstacle.reason, message: obstacle.message)
    case nil:
      return .notYet(
        reason: "OrderUnconfirmed", message: "the API server has not confirmed the order since this start")
    }
  }

  // MARK: - One turn

  private func turn() async {
    // Before the first list nothing is known to be gone.
    guard let all = orders.all else { return }
    do throws(JournalError) {
      let jobs = try await journal.jobs(JobFilter(includesRemoved: true))
      for job in jobs where !job.removed && all[job.key] == nil { try await forget(job) }
      let byKey = Dictionary(jobs.map { ($0.key, $0) }) { _, last in last }
      await withDiscardingTaskGroup { group in
        for (name, order) in all {
          guard let order else { continue }
          group.addTask { await self.tend(order, byKey[name]) }
        }
      }
    } catch {
      logger.error("the journal cannot be used", metadata: ["error": "\(error)"])
    }
  }

  private func tend(_ order: VolumeCopy, _ job: Job?) async {
    do {
      if order.isBeingDeleted { return try await end(order, job) }
      guard order.order.nodeName == node else { return }
      try await begin(order, job)
      try await tell(order)
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
    if orders.checked(order.name)?.attempt != order.order.attempt {
      orders.keep(try await check(order.order), for: order.name)
    }
    guard case .success = orders.checked(order.name)?.outcome else { return }
    if job == nil {
      let recorded = try await journal.record([CloneRequest(order.order)])
      if case .taken? = recorded.first?.outcome {
        logger.info("waits for the removal of an earlier copy", metadata: ["order": "\(order.name)"])
        return
      }
    }
    try await journal.attempt(order.order.attempt, key: order.name)
  }

  /// Holds the order against claims and volumes as they are now.
  private func check(_ order: VolumeCopyOrder) async throws(KubernetesError) -> NodeOrders.Checked {
    var facts = NodePlaces.Facts()
    facts.sourceClaim = try await get(.persistentVolumeClaims, order.source.claim, order.source.namespace)
    facts.sourceVolume = try await get(.persistentVolumes, order.source.volume, nil)
    facts.targetClaim = try await get(.persistentVolumeClaims, order.target.claim, order.target.namespace)
    facts.targetVolume = try await get(.persistentVolumes, order.target.volume, nil)
    let places = NodePlaces(order: order, node: node, hostRoot: hostRoot)
    do throws(NodePlaces.Obstacle) {
      return NodeOrders.Checked(attempt: order.attempt, outcome: .success(try places.places(facts)))
    } catch {
      logger.error("an order is not carried out", metadata: ["reason": "\(error.reason): \(error.message)"])
      return NodeOrders.Checked(attempt: order.attempt, outcome: .failure(error))
    }
  }

  private func get(
    _ type: ResourceType, _ name: String, _ namespace: String?
  ) async throws(KubernetesError) -> JSONNode? {
    do throws(KubernetesError) {
      return JSONNode(try await client.get(type, name, in: namespace, within: Self.patience))
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }

  // MARK: - Ends

  /// The order is being deleted: its copy stops, and when nothing half done is left, the order may go.
  private func end(_ order: VolumeCopy, _ job: Job?) async throws {
    guard let job else { return try await release(order) }
    if !job.removed { try await forget(job) }
  }

  /// Its order is gone: what was not finished is stopped and removed. A finished copy stays as it is.
  private func forget(_ job: Job) async throws(JournalError) {
    logger.notice("a copy is not wanted any more", metadata: ["order": "\(job.key)"])
    try await journal.delete(CloneRequest.name(of: job), uid: job.uid)
  }

  private func release(_ order: VolumeCopy) async throws(KubernetesError) {
    guard order.isHeldByCopier else { return }
    do throws(KubernetesError) {
      _ = try await client.update(.volumeCopies, order.name, in: home, within: Self.patience) { object in
        guard object["metadata"]?["uid"]?.string == order.uid else { return }
        let rest = object["metadata"]?["finalizers"]?.array?.filter { $0.string != Control.copierFinalizer }
        object["metadata"]?["finalizers"] = .array(rest ?? [])
      }
    } catch {
      guard error.isNotFound else { throw error }
    }
  }

  // MARK: - Reports

  /// Says what is new, and from time to time that nothing is. What could not be said is said at the next
  /// turn.
  private func tell(_ order: VolumeCopy) async throws {
    let now = UTCTime(seconds: .secondsSince1970)
    let report: VolumeCopyReport
    if let job = try await journal.job(key: order.name), !job.removed {
      report = VolumeCopyReport(job, now: now)
    } else if case .failure(let obstacle)? = orders.checked(order.name)?.outcome {
      report = VolumeCopyReport(obstacle, attempt: order.order.attempt, now: now)
    } else {
      return
    }
    if let said = order.report, report.says(theSameAs: said) {
      let age = now.seconds - (said.heartbeatTime?.seconds ?? 0)
      guard !report.phase.isFinal, age >= Self.heartbeat else { return }
    }
    _ = try await client.patch(
      .volumeCopies, order.name, in: home, .merge(report.mergePatch), subresource: "status",
      within: Self.patience)
  }
}

extension CloneRequest {
  /// The order's uid is the job's key and nothing else, so that no restart doubles it.
  init(_ order: VolumeCopyOrder) {
    let terms = CloneTerms(
      namespace: order.dataVolume.namespace, name: order.dataVolume.name,
      sourceNamespace: order.source.namespace, sourceName: order.source.claim,
      volumeMode: order.target.mode == .block ? .block : .filesystem, preallocation: order.preallocation)
    self.init(
      key: order.dataVolume.uid, terms: terms,
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
