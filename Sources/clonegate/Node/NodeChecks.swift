import Control
import JSON
import Jobs
import Kubernetes
import Logging

/// Holds orders against claims and volumes as the API server has them: before each try of a copy, and from
/// time to time while its bytes move. A volume may be bound to someone else at any moment, and then it is not
/// to be written to.
struct NodeChecks: Sendable {
  let client: KubernetesClient
  let node: String
  let hostRoot: String?
  let orders: NodeOrders
  let logger: Logger

  /// Of one call. A try waits for four at most, and for none after one that failed.
  static let patience = Duration.seconds(10)

  /// The worker's question, before each try: where are this job's volumes? Blocks; never in a task.
  func resolve(_ job: Job) -> Resolution {
    guard let order = orders.known(key: job.key)?.order else {
      return .notYet(
        reason: "OrderUnconfirmed", message: "the API server has not confirmed the order since this start")
    }
    if let checked = orders.checked(order), checked.attempt == order.order.attempt,
      checked.age < NodeOrders.Checked.life, checked.obstacle == nil
    {
      return resolution(checked, order)
    }
    do throws(KubernetesError) {
      return resolution(try lookBlocking(order), order)
    } catch {
      return .notYet(
        reason: "OrderUnconfirmed",
        message: "the API server was asked whether the claims are still bound as the order says: \(error)")
    }
  }

  /// Looks, and keeps what came of it.
  @discardableResult
  func look(_ order: VolumeCopy) async throws(KubernetesError) -> NodeOrders.Checked {
    let checked = try await check(order.order)
    if let obstacle = checked.obstacle, orders.checked(order)?.obstacle != obstacle {
      logger.error(
        "an order is not carried out",
        metadata: ["order": "\(order.name)", "reason": "\(obstacle.reason): \(obstacle.message)"])
    }
    orders.keep(checked, for: order)
    return checked
  }

  private func resolution(_ checked: NodeOrders.Checked, _ order: VolumeCopy) -> Resolution {
    switch checked.outcome {
    case .success(var places):
      places.objection = { [orders] in
        orders.checked(order)?.obstacle.map { Objection(reason: $0.reason, message: $0.message) }
      }
      return .found(places)
    case .failure(let obstacle): return .refused(reason: obstacle.reason, message: obstacle.message)
    }
  }

  private func lookBlocking(_ order: VolumeCopy) throws(KubernetesError) -> NodeOrders.Checked {
    let answer = Handoff<NodeOrders.Checked, KubernetesError>()
    Task {
      do throws(KubernetesError) { answer.put(.success(try await look(order))) } catch {
        answer.put(.failure(error))
      }
    }
    return try answer.take().get()
  }

  private func check(_ order: VolumeCopyOrder) async throws(KubernetesError) -> NodeOrders.Checked {
    let begun = ContinuousClock.now
    var facts = NodePlaces.Facts()
    facts.sourceClaim = try await get(.persistentVolumeClaims, order.source.claim, order.source.namespace)
    facts.sourceVolume = try await get(.persistentVolumes, order.source.volume, nil)
    facts.targetClaim = try await get(.persistentVolumeClaims, order.target.claim, order.target.namespace)
    facts.targetVolume = try await get(.persistentVolumes, order.target.volume, nil)
    let places = NodePlaces(order: order, node: node, hostRoot: hostRoot)
    let outcome: Result<CopyPlaces, NodePlaces.Obstacle>
    do throws(NodePlaces.Obstacle) { outcome = .success(try places.places(facts)) } catch {
      outcome = .failure(error)
    }
    return NodeOrders.Checked(attempt: order.attempt, outcome: outcome, at: begun)
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
}
