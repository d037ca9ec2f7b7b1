import Admission
import Authorization
import JSON
import Kubernetes
import Synchronization

/// The objects that are mirrored, as compact JSON: a RoleBinding is some 250 bytes.
final class MirrorTables: Sendable {
  private struct State {
    var objects: [MirroredResource: [ObjectKey: [UInt8]]] = [:]
    /// Grows with each change, so that a maker of snapshots sees that there is something new.
    var policyRevision = 0
    var inventoryRevision = 0
  }

  private let state = Mutex(State())

  func apply(_ change: ObjectChange<[UInt8]>, to resource: MirroredResource) {
    state.withLock { state in
      switch change {
      case .replaced(let all):
        state.objects[resource] = Dictionary(all.map { ($0.key, $0.element) }) { _, last in last }
      case .added(let object), .modified(let object):
        state.objects[resource, default: [:]][object.key] = object.element
      case .deleted(let object): state.objects[resource]?[object.key] = nil
      }
      if resource.isPolicy { state.policyRevision += 1 } else { state.inventoryRevision += 1 }
    }
  }

  var revisions: (policy: Int, inventory: Int) {
    state.withLock { ($0.policyRevision, $0.inventoryRevision) }
  }

  func count(of resource: MirroredResource) -> Int { state.withLock { $0.objects[resource]?.count ?? 0 } }

  /// The objects of these resources as they are now, each read when its turn comes: a hundred thousand that
  /// are read at once take hundreds of MB. Nothing of what was written here can fail to be read.
  func nodes(of resources: [MirroredResource]) -> some Sequence<JSONNode> {
    let bytes = state.withLock { state in resources.flatMap { state.objects[$0]?.values.map { $0 } ?? [] } }
    return bytes.lazy.compactMap { try? JSONDocument(parsing: $0).root }
  }

  /// The objects of one resource, as they are kept.
  func bytes(of resource: MirroredResource) -> [[UInt8]] {
    state.withLock { state in state.objects[resource].map { Array($0.values) } ?? [] }
  }
}
