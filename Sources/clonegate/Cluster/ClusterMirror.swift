import Kubernetes
import Synchronization

/// Follows everything that policy and inventory are made of, and knows how far each of it can be believed.
final class ClusterMirror: Sendable {
  /// A healthy watch hears a bookmark a minute, and a silent one is given up after 90 s; what is older than
  /// this is not merely quiet. Rights are then asked of the API server, and the gate is not ready.
  static let staleAfter = Duration.seconds(120)
  /// For so long rights are believed while a watch is not open: one that ended is made anew within a second,
  /// and one that the API server let go of when it was restarted, after a few. Then they are asked of the API
  /// server; the gate stays ready, since it can ask.
  static let unwatchedFor = ReflectorStanding.longestPause

  let tables = MirrorTables()
  private let trust = Mutex(PolicyTrust())
  private let reflectors: [(resource: MirroredResource, reflector: Reflector<[UInt8]?>)]

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

  private var policyStandings: [(resource: MirroredResource, standing: ReflectorStanding)] {
    reflectors.filter(\.resource.isPolicy).map { ($0.resource, $0.reflector.current) }
  }

  /// Whether reviews may be judged by the policy in force: all roles and bindings are known as they were a
  /// short time ago, and the snapshot was made of them. Ask it before taking the snapshot, which is then the
  /// one that was meant, or a newer one.
  var isPolicyTrusted: Bool {
    let standings = policyStandings
    guard standings.allSatisfy({ MirrorState(resource: $0.resource, standing: $0.standing).isCurrent })
    else { return false }
    let resumed = standings.compactMap(\.standing.resumed).max()
    return trust.withLock { $0.isGiven(resumed: resumed, at: .now) }
  }

  /// The tables were looked at, and the snapshot in force was made of this policy of theirs, or not yet.
  /// - Parameter start: taken before they were read.
  func looked(at start: ContinuousClock.Instant, hasNewest: Bool) {
    let isWatched = policyStandings.allSatisfy(\.standing.isWatching)
    trust.withLock { $0.looked(at: start, hasNewest: hasNewest, isWatched: isWatched) }
  }

  /// Whether there was a whole list of everything that these resources are.
  func isWhole(_ resources: [MirroredResource]) -> Bool {
    states.allSatisfy { !resources.contains($0.resource) || $0.isWhole }
  }

  /// Why what was last heard of so long ago cannot be believed; nil when it can.
  /// - Parameter age: nil before the first list.
  fileprivate static func doubt(age: Duration?, _ lastFailure: KubernetesError?) -> String? {
    let cause = lastFailure.map { "; \($0)" } ?? ""
    guard let age else { return "not listed yet\(cause)" }
    guard age > staleAfter else { return nil }
    let (seconds, limit) = (Int(age / .seconds(1)), Int(staleAfter / .seconds(1)))
    return "nothing heard for \(seconds) s, which is over \(limit) s\(cause)"
  }
}

extension ReflectorStanding {
  /// Why what was delivered cannot be believed, or not any more; nil when it can.
  func doubt(at now: ContinuousClock.Instant = .now) -> String? {
    ClusterMirror.doubt(age: age(at: now), lastFailure)
  }
}

/// How one resource's mirror stands at one moment.
struct MirrorState: Sendable {
  let resource: MirroredResource
  /// Lists so far.
  let lists: Int
  /// Since something was heard of it; nil before the first list.
  let age: Duration?
  /// For how long no watch of it has been open; nil while one is, and before the first list.
  let unwatched: Duration?
  private let isMissing: Bool
  private let lastFailure: KubernetesError?

  init(resource: MirroredResource, standing: ReflectorStanding) {
    let now = ContinuousClock.now
    self.init(
      resource: resource, lists: standing.lists, age: standing.age(at: now),
      unwatched: standing.unwatched(at: now), isMissing: standing.isMissing,
      lastFailure: standing.lastFailure)
  }

  init(
    resource: MirroredResource, lists: Int, age: Duration?, unwatched: Duration? = nil,
    isMissing: Bool = false, lastFailure: KubernetesError?
  ) {
    self.resource = resource
    self.lists = lists
    self.age = age
    self.unwatched = unwatched
    self.isMissing = isMissing
    self.lastFailure = lastFailure
  }

  private var isStale: Bool { age.map { $0 > ClusterMirror.staleAfter } ?? true }

  /// Its CRD is not installed: the API server says that there is no such thing. It is asked again every half
  /// minute.
  var isAbsent: Bool { resource.isOptional && isStale && isMissing }

  var isWhole: Bool { lists > 0 || isAbsent }

  private var isUnwatched: Bool { unwatched.map { $0 > ClusterMirror.unwatchedFor } ?? false }

  /// Whether what is granted may be judged by it: it is whole, and what changes it would be heard at once.
  var isCurrent: Bool { doubt == nil && !isUnwatched }

  /// What an operator may like to know while it is believed: that its watch is broken, or that there are
  /// no warnings for want of it.
  var note: String? {
    if resource.isAdvisory, let doubt { return "\(doubt); warnings of Pods may be missing or old" }
    guard let unwatched, isUnwatched, problem == nil, !isAbsent else { return nil }
    let cause = lastFailure.map { "; \($0)" } ?? ""
    return "\(resource.type): not watched for \(Int(unwatched / .seconds(1))) s\(cause)"
  }

  /// Why nothing can be judged by it; nil when it can, or need not.
  var problem: String? { resource.isAdvisory ? nil : doubt }

  /// Why it cannot be believed; nil when it can.
  private var doubt: String? {
    isAbsent ? nil : ClusterMirror.doubt(age: age, lastFailure).map { "\(resource.type): \($0)" }
  }
}
