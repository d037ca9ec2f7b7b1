import Control
import Jobs
import Kubernetes
import Synchronization

/// This node's orders as the API server holds them, and what came of holding them against claims and volumes.
final class NodeOrders: Sendable {
  /// An order that is there, whether it can be read or not.
  struct Known: Sendable {
    /// The order's own: one that is deleted and made again is another one.
    let uid: String
    /// Nil: it cannot be read.
    let order: VolumeCopy?
  }

  /// What came of the look at claims and volumes, for one attempt.
  struct Checked: Sendable {
    /// How long a success holds for a new try: claims are bound anew at any time.
    static let life = Duration.seconds(5)

    let attempt: Int
    let outcome: Result<CopyPlaces, NodePlaces.Obstacle>
    let at: ContinuousClock.Instant

    var obstacle: NodePlaces.Obstacle? {
      if case .failure(let obstacle) = outcome { obstacle } else { nil }
    }
    var age: Duration { ContinuousClock.now - at }
  }

  private struct State {
    /// By name, which is the DataVolume's uid.
    var orders: [String: Known] = [:]
    var isListed = false
    /// By the order's uid.
    var checked: [String: Checked] = [:]
  }

  private let state = Mutex(State())

  /// All that are there; nil before the first list.
  var all: [Known]? { state.withLock { $0.isListed ? Array($0.orders.values) : nil } }

  /// The order that a job was made for. Its key is the order's uid; journals of before that have its name.
  func known(key: String) -> Known? {
    state.withLock { state in state.orders.values.first { $0.uid == key } ?? state.orders[key] }
  }

  func checked(_ order: VolumeCopy) -> Checked? { state.withLock { $0.checked[order.uid] } }

  /// Why the order's current attempt is not carried out.
  func obstacle(_ order: VolumeCopy) -> NodePlaces.Obstacle? {
    guard let checked = checked(order), checked.attempt == order.order.attempt else { return nil }
    return checked.obstacle
  }

  /// Kept as long as the order is there.
  func keep(_ checked: Checked, for order: VolumeCopy) {
    state.withLock { state in
      guard state.orders[order.name]?.uid == order.uid else { return }
      state.checked[order.uid] = checked
    }
  }

  func apply(_ change: ObjectChange<VolumeCopy?>) {
    state.withLock { state in
      switch change {
      case .replaced(let all):
        state.orders = Dictionary(all.map { ($0.key.name, Known($0)) }) { _, last in last }
        state.isListed = true
      case .added(let order), .modified(let order): state.orders[order.key.name] = Known(order)
      case .deleted(let order): state.orders[order.key.name] = nil
      }
      let uids = Set(state.orders.values.map(\.uid))
      state.checked = state.checked.filter { uids.contains($0.key) }
    }
  }
}

extension NodeOrders.Known {
  init(_ object: ObservedObject<VolumeCopy?>) { self.init(uid: object.uid, order: object.element) }
}
