import Kubernetes

/// Follows everything that policy and inventory are made of, and knows how far each of it can be believed.
final class ClusterMirror: Sendable {
  /// A healthy watch hears a bookmark a minute, and a silent one is given up after 90 s; what is older than
  /// this is not merely quiet. Rights are then asked of the API server, and the gate is not ready.
  static let staleAfter = Duration.seconds(120)

  let tables = MirrorTables()
  private let reflectors: [(resource: MirroredResource, reflector: Reflector<[UInt8]>)]

  init(client: KubernetesClient) {
    reflectors = MirroredResource.allCases.map { [tables] resource in
      let reflector = Reflector(
        resource.type, client: client, project: { resource.kept(of: $0) },
        sink: { tables.apply($0, to: resource) })
      return (resource, reflector)
    }
  }

  /// Follows until its task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for (_, reflector) in reflectors { group.addTask { await reflector.run() } }
    }
  }

  var states: [MirrorState] {
    reflectors.map { MirrorState(resource: $0.resource, standing: $0.reflector.current) }
  }

  /// Whether all roles and bindings are known, and as they were a short time ago.
  var isPolicyCurrent: Bool {
    reflectors.allSatisfy { resource, reflector in
      !resource.isPolicy || MirrorState(resource: resource, standing: reflector.current).problem == nil
    }
  }

  /// Whether there was a whole list of everything that these resources are.
  func isWhole(_ resources: [MirroredResource]) -> Bool {
    states.allSatisfy { !resources.contains($0.resource) || $0.isWhole }
  }
}

/// How one resource's mirror stands at one moment.
struct MirrorState: Sendable {
  let resource: MirroredResource
  /// Lists so far.
  let lists: Int
  /// Since something was heard of it; nil before the first list.
  let age: Duration?
  private let lastFailure: KubernetesError?

  init(resource: MirroredResource, standing: ReflectorStanding) {
    self.init(
      resource: resource, lists: standing.lists, age: standing.age(), lastFailure: standing.lastFailure)
  }

  init(resource: MirroredResource, lists: Int, age: Duration?, lastFailure: KubernetesError?) {
    self.resource = resource
    self.lists = lists
    self.age = age
    self.lastFailure = lastFailure
  }

  private var isStale: Bool { age.map { $0 > ClusterMirror.staleAfter } ?? true }

  /// Its CRD is not installed: the API server says that there is no such thing. It is asked again every half
  /// minute.
  var isAbsent: Bool { resource.isOptional && isStale && lastFailure?.isNotFound == true }

  var isWhole: Bool { lists > 0 || isAbsent }

  /// Why it cannot be believed; nil when it can.
  var problem: String? {
    if isAbsent || !isStale { return nil }
    let cause = lastFailure.map { "; \($0)" } ?? ""
    guard let age else { return "\(resource.type): not listed yet\(cause)" }
    let seconds = Int(age / .seconds(1))
    let limit = Int(ClusterMirror.staleAfter / .seconds(1))
    return "\(resource.type): nothing heard for \(seconds) s, which is over \(limit) s\(cause)"
  }
}
