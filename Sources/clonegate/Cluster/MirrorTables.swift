import Admission
import Authorization
import JSON
import Kubernetes
import Synchronization

/// The objects that are mirrored, as compact JSON: a RoleBinding is some 250 bytes.
final class MirrorTables: Sendable {
  /// Each grows with what changes, so that a maker of snapshots sees that there is something new.
  struct Revisions: Sendable, Hashable {
    var policy: Int
    var inventory: Int
    var pods: Int

    fileprivate mutating func count(_ resource: MirroredResource) {
      if resource.isPolicy {
        policy += 1
      } else if resource.isAdvisory {
        pods += 1
      } else {
        inventory += 1
      }
    }
  }

  private struct State {
    var objects: [MirroredResource: [ObjectKey: [UInt8]]] = [:]
    var revisions = Revisions(policy: 0, inventory: 0, pods: 0)

    mutating func keep(_ bytes: [UInt8]?, of key: ObjectKey, _ resource: MirroredResource) {
      guard objects[resource]?[key] != bytes else { return }
      objects[resource, default: [:]][key] = bytes
      revisions.count(resource)
    }
  }

  private let state = Mutex(State())

  /// What is nil is not kept. A change of nothing that is kept is none: Pods have many of those.
  func apply(_ change: ObjectChange<[UInt8]?>, to resource: MirroredResource) {
    state.withLock { state in
      switch change {
      case .replaced(let all):
        let kept = all.compactMap { object in object.element.map { (object.key, $0) } }
        state.objects[resource] = Dictionary(kept) { _, last in last }
        state.revisions.count(resource)
      case .added(let object), .modified(let object):
        state.keep(object.element, of: object.key, resource)
      case .deleted(let object): state.keep(nil, of: object.key, resource)
      }
    }
  }

  var revisions: Revisions { state.withLock { $0.revisions } }

  func count(of resource: MirroredResource) -> Int { state.withLock { $0.objects[resource]?.count ?? 0 } }

  /// The objects of these resources as they are now, each read when its turn comes: a hundred thousand that
  /// are read at once take hundreds of MB. Nothing of what was written here can fail to be read: what an
  /// object may be was decided when it came from the API server.
  func nodes(of resources: [MirroredResource]) -> some Sequence<JSONNode> {
    let bytes = state.withLock { state in resources.flatMap { state.objects[$0]?.values.map { $0 } ?? [] } }
    return bytes.lazy.compactMap { try? JSONDocument(parsing: $0, limits: .own).root }
  }

  /// The objects of one resource, as they are kept.
  func bytes(of resource: MirroredResource) -> [[UInt8]] {
    state.withLock { state in state.objects[resource].map { Array($0.values) } ?? [] }
  }
}
