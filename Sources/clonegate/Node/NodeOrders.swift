import Control
import Jobs
import Kubernetes
import Synchronization

/// This node's orders as the API server holds them, and the places that were checked for them.
final class NodeOrders: Sendable {
  private struct State {
    /// By name, which is the DataVolume's uid. Nil: it cannot be read.
    var orders: [String: VolumeCopy?] = [:]
    var isListed = false
    var changes = 0
    var checked: [String: Checked] = [:]
  }

  /// What came of the look at claims and volumes, for one attempt.
  struct Checked: Sendable {
    let attempt: Int
    let outcome: Result<CopyPlaces, NodePlaces.Obstacle>
  }

  private let state = Mutex(State())

  /// All that are there; nil before the first list.
  var all: [String: VolumeCopy?]? { state.withLock { $0.isListed ? $0.orders : nil } }
  var changes: Int { state.withLock { $0.changes } }

  func checked(_ name: String) -> Checked? { state.withLock { $0.checked[name] } }
  func keep(_ checked: Checked, for name: String) { state.withLock { $0.checked[name] = checked } }

  func apply(_ change: ObjectChange<VolumeCopy?>) {
    state.withLock { state in
      state.changes += 1
      switch change {
      case .replaced(let all):
        state.orders = Dictionary(all.map { ($0.key.name, $0.element) }) { _, last in last }
        state.checked = state.checked.filter { state.orders[$0.key] != nil }
        state.isListed = true
      case .added(let order), .modified(let order): state.orders[order.key.name] = order.element
      case .deleted(let order):
        state.orders[order.key.name] = nil
        state.checked[order.key.name] = nil
      }
    }
  }
}
