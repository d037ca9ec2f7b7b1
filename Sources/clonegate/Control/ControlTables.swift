import Admission
import Control
import JSON
import Kubernetes
import Synchronization

/// Something that the decision about a DataVolume looks at.
enum Sight: Hashable, Sendable {
  case claim(ObjectKey)
  case dataSource(ObjectKey)
  case namespace(String)
  case volume(String)
  /// Every volume that a claim could be bound to.
  case freeVolumes
}

/// The objects that the controller follows, and which DataVolumes a change of one of them concerns.
final class ControlTables: Sendable {
  fileprivate struct State {
    var objects: [ControlledResource: [ObjectKey: [UInt8]]] = [:]
    var pods: [ObjectKey: PodDisks] = [:]
    var podsByClaim: [ObjectKey: Set<ObjectKey>] = [:]
    /// What each unfinished DataVolume looks at, as its last round found out, and who looks at each.
    var sights: [ObjectKey: Set<Sight>] = [:]
    var watchers: [Sight: Set<ObjectKey>] = [:]
    var dataVolumesByUID: [String: ObjectKey] = [:]
    var uids: [ObjectKey: String] = [:]
    /// Names of orders, by the DataVolume that they are for.
    var orders: [ObjectKey: Set<String>] = [:]
    /// When an order of this name was last seen to change.
    var heard: [String: UTCTime] = [:]
  }

  private let state = Mutex(State())

  // MARK: - Reading

  func node(_ resource: ControlledResource, _ key: ObjectKey) -> JSONNode? {
    Self.read(state.withLock { $0.objects[resource]?[key] })
  }

  func nodes(_ resource: ControlledResource) -> [JSONNode] {
    let all = state.withLock { $0.objects[resource]?.values.map { $0 } ?? [] }
    return all.compactMap { Self.read($0) }
  }

  func keys(_ resource: ControlledResource) -> [ObjectKey] {
    state.withLock { $0.objects[resource]?.keys.map { $0 } ?? [] }
  }

  func count(_ resource: ControlledResource) -> Int { state.withLock { $0.objects[resource]?.count ?? 0 } }

  /// Pods that use one of the claims.
  func pods(using claims: [ObjectKey]) -> [PodDisks] {
    state.withLock { state in
      claims.reduce(into: Set<ObjectKey>()) { $0.formUnion(state.podsByClaim[$1] ?? []) }
        .compactMap { state.pods[$0] }
    }
  }

  /// Where the DataVolume with this uid is.
  func dataVolume(uid: String) -> ObjectKey? { state.withLock { $0.dataVolumesByUID[uid] } }

  /// Names of the orders for a DataVolume, or for an earlier one of its name.
  func orders(for key: ObjectKey) -> Set<String> { state.withLock { $0.orders[key] ?? [] } }

  /// The DataVolumes for which there are orders, whether or not they are there themselves.
  var ownersOfOrders: Set<ObjectKey> { state.withLock { Set($0.orders.keys) } }

  /// When the order of this name was last seen to change, by our clock; nil when there is none.
  func heard(order name: String) -> UTCTime? { state.withLock { $0.heard[name] } }

  /// Nothing of what was written here can fail to be read: what an object may be was decided when it came
  /// from the API server, and one that were left out now would be taken for one that does not exist.
  fileprivate static func read(_ bytes: [UInt8]?) -> JSONNode? {
    bytes.flatMap { try? JSONDocument(parsing: $0, limits: .own).root }
  }

  // MARK: - Changes

  /// Keeps a change; the DataVolumes that may see it.
  func apply(_ change: ObjectChange<[UInt8]>, to resource: ControlledResource) -> Set<ObjectKey> {
    state.withLock { state in
      switch change {
      case .replaced(let all):
        let gone = Set((state.objects[resource] ?? [:]).keys).subtracting(all.map(\.key))
        let concerned: Set<ObjectKey> = all.reduce(into: []) { $0.formUnion(state.keep($1, resource)) }
        return gone.reduce(into: concerned) { $0.formUnion(state.drop($1, resource)) }
      case .added(let object), .modified(let object): return state.keep(object, resource)
      case .deleted(let object): return state.drop(object.key, resource)
      }
    }
  }

  func apply(_ change: ObjectChange<PodDisks?>) -> Set<ObjectKey> {
    state.withLock { state in
      switch change {
      case .replaced(let all):
        let gone = Set(state.pods.keys).subtracting(all.map(\.key))
        return (all.map { ($0.key, $0.element) } + gone.map { ($0, nil) })
          .reduce(into: []) { $0.formUnion(state.keep($1.1, $1.0)) }
      case .added(let pod), .modified(let pod): return state.keep(pod.element, pod.key)
      case .deleted(let pod): return state.keep(nil, pod.key)
      }
    }
  }

  /// What the DataVolume looks at from now on. Said before it is looked at, so that no change in between goes
  /// unnoticed.
  func link(_ key: ObjectKey, to sights: Set<Sight>) { state.withLock { $0.link(key, to: sights) } }

  /// It is gone, or no clone, or done.
  func unlink(_ key: ObjectKey) { link(key, to: []) }
}

extension ControlTables.State {
  /// Keeps an object; whom it concerns, nobody when nothing changed.
  fileprivate mutating func keep(
    _ object: ObservedObject<[UInt8]>, _ resource: ControlledResource
  ) -> Set<ObjectKey> {
    let old = objects[resource]?[object.key]
    guard old != object.element else { return [] }
    objects[resource, default: [:]][object.key] = object.element
    switch resource {
    case .dataVolumes:
      if let old = uids.updateValue(object.uid, forKey: object.key), old != object.uid {
        dataVolumesByUID[old] = nil
      }
      dataVolumesByUID[object.uid] = object.key
    case .orders:
      heard[object.key.name] = UTCTime(seconds: .secondsSince1970)
      if let key = Self.dataVolume(ofOrder: object.element) {
        orders[key, default: []].insert(object.key.name)
      }
    default: break
    }
    return concerned(resource, object.key, [old, object.element])
  }

  fileprivate mutating func drop(_ key: ObjectKey, _ resource: ControlledResource) -> Set<ObjectKey> {
    let bytes = objects[resource]?.removeValue(forKey: key)
    switch resource {
    case .dataVolumes: if let uid = uids.removeValue(forKey: key) { dataVolumesByUID[uid] = nil }
    case .orders:
      heard[key.name] = nil
      guard let dataVolume = bytes.flatMap(Self.dataVolume) else { break }
      orders[dataVolume]?.remove(key.name)
      if orders[dataVolume]?.isEmpty == true { orders[dataVolume] = nil }
    default: break
    }
    return concerned(resource, key, [bytes])
  }

  /// Whose copy an order is.
  private static func dataVolume(ofOrder bytes: [UInt8]) -> ObjectKey? {
    guard let owner = ControlTables.read(bytes)?["spec"]?["dataVolume"], let name = owner["name"]?.string
    else { return nil }
    return ObjectKey(owner["namespace"]?.string, name)
  }

  fileprivate mutating func link(_ key: ObjectKey, to new: Set<Sight>) {
    let old = sights.updateValue(new, forKey: key) ?? []
    if new.isEmpty { sights[key] = nil }
    for sight in old.subtracting(new) { Self.remove(key, from: &watchers, at: sight) }
    for sight in new.subtracting(old) { watchers[sight, default: []].insert(key) }
  }

  private static func remove<Place>(
    _ key: ObjectKey, from index: inout [Place: Set<ObjectKey>], at place: Place
  ) {
    index[place]?.remove(key)
    if index[place]?.isEmpty == true { index[place] = nil }
  }

  /// A Pod that uses no claim, or is over, is nil.
  fileprivate mutating func keep(_ pod: PodDisks?, _ key: ObjectKey) -> Set<ObjectKey> {
    var claims: Set<ObjectKey> = []
    for pod in [pods[key], pod].compactMap({ $0 }) {
      claims.formUnion(pod.claims.keys.map { ObjectKey(pod.namespace, $0) })
    }
    for claim in claims { Self.remove(key, from: &podsByClaim, at: claim) }
    pods[key] = pod
    for claim in pod?.claims.keys ?? [:].keys {
      podsByClaim[ObjectKey(pod?.namespace, claim), default: []].insert(key)
    }
    return claims.reduce(into: []) { $0.formUnion(users(of: $1)) }
  }

  /// The DataVolumes that look at a claim: as their source, or because it has their name.
  private func users(of claim: ObjectKey) -> Set<ObjectKey> {
    let own: Set<ObjectKey> = objects[.dataVolumes]?[claim] == nil ? [] : [claim]
    return own.union(watchers[.claim(claim)] ?? [])
  }

  /// Whom a change of an object concerns.
  /// - Parameter versions: what was kept of it before the change and after.
  private func concerned(
    _ resource: ControlledResource, _ key: ObjectKey, _ versions: [[UInt8]?]
  ) -> Set<ObjectKey> {
    switch resource {
    // The DataVolume that filled a source claim has the claim's name.
    case .dataVolumes: return users(of: key).union([key])
    case .claims: return users(of: key)
    case .dataSources: return watchers[.dataSource(key)] ?? []
    case .namespaces: return watchers[.namespace(key.name)] ?? []
    case .orders: return Set(versions.compactMap { $0.flatMap(Self.dataVolume) })
    case .volumes: return (watchers[.volume(key.name)] ?? []).union(waiting(for: versions))
    // Few, and seldom changed; each may be the one that a claim's class, size or mode comes from.
    case .storageClasses, .storageProfiles: return Set(sights.keys)
    }
  }

  /// Those who wait for a volume to be bound to, when this one is free or was.
  private func waiting(for versions: [[UInt8]?]) -> Set<ObjectKey> {
    guard let waiting = watchers[.freeVolumes] else { return [] }
    let isFree = versions.contains { bytes in
      let volume = ControlTables.read(bytes)
      return volume?["status"]?["phase"]?.string == "Available"
    }
    return isFree ? waiting : []
  }
}
