import Admission
import JSON
import Kubernetes
import Synchronization

/// The key ring as the API server holds it, followed by name: nobody needs the right to read other Secrets.
final class KeyRingMirror: Sendable {
  private let client: KubernetesClient
  private let namespace: String
  private let held: HeldKeyRing
  private let reflector: Reflector<KeyRing>

  /// - Parameter changed: is told that the Secret was listed, or has changed, or is gone; must not wait.
  init(client: KubernetesClient, namespace: String, changed: @escaping @Sendable () -> Void = {}) {
    self.client = client
    self.namespace = namespace
    held = HeldKeyRing()
    reflector = Reflector(
      .secrets, in: namespace, selector: ObjectSelector(fields: "metadata.name=\(KeyRing.secretName)"),
      client: client, project: { KeyRing(secret: $0) },
      sink: { [held] change in
        held.ring.withLock { ring in
          switch change {
          case .replaced(let all): ring = all.first?.element
          case .added(let object), .modified(let object): ring = object.element
          case .deleted: ring = nil
          }
        }
        changed()
      })
  }

  /// Follows until its task is cancelled.
  func run() async { await reflector.run() }

  /// As it stands now.
  var current: KeyRingView {
    KeyRingView(ring: held.ring.withLock { $0 }, standing: reflector.current, namespace: namespace)
  }

  /// How clones that are accepted at `time`, seconds since 1970, are stamped.
  func stamping(at time: Int64) -> Stamping { current.stamping(at: time) }

  var check: ReadinessCheck { current.check }

  /// Whether a stored DataVolume was accepted. The API server is asked for the keys where the mirror cannot
  /// tell: another replica may have made one since, or somebody may have withdrawn them unheard.
  /// - Parameter created: its creation, seconds since 1970.
  func acceptance(of object: JSONNode, created: Int64) async throws(KubernetesError) -> AcceptanceCheck {
    let view = current
    let first = AcceptanceCheck(of: object, created: created) { view.ring?.check($0, $1, $2) }
    switch first {
    case .absent: return first
    case .valid, .invalid: if view.isWatched() { return first }
    case .unknownKey: break
    }
    // Not kept: what the watch has told meanwhile may be newer.
    let ring = KeyRing(secret: JSONNode(try await client.get(.secrets, KeyRing.secretName, in: namespace)))
    return AcceptanceCheck(of: object, created: created) { ring.check($0, $1, $2) }
  }
}

/// What a mirror's reflector fills.
private final class HeldKeyRing: Sendable {
  /// Nil until the Secret was seen, and when it is gone.
  let ring = Mutex(KeyRing?.none)
}

/// The key ring at one moment, and how far it can be believed.
struct KeyRingView: Sendable {
  var ring: KeyRing?
  var standing: ReflectorStanding
  let namespace: String

  /// Whether what happens to the Secret would be known at once, or within `ClusterMirror.unwatchedFor`.
  func isWatched(at now: ContinuousClock.Instant = .now) -> Bool {
    standing.doubt(at: now) == nil
      && standing.unwatched(at: now).map { $0 <= ClusterMirror.unwatchedFor } ?? true
  }

  /// Nothing is stamped with keys of which nothing was heard for `ClusterMirror.staleAfter`: deleting them
  /// withdraws them everywhere, cut off or not. Until then a withdrawn key harms nobody, since the controller
  /// judges by its own.
  func stamping(at time: Int64, now: ContinuousClock.Instant = .now) -> Stamping {
    guard standing.doubt(at: now) == nil else { return .keyless }
    return ring?.seal(at: time).map { .with($0) } ?? .keyless
  }

  var check: ReadinessCheck {
    ReadinessCheck(name: "keys", problem: problem())
  }

  func problem(at now: ContinuousClock.Instant = .now) -> String? {
    let name = "Secret \(namespace)/\(KeyRing.secretName)"
    if let doubt = standing.doubt(at: now) { return "\(name): \(doubt)" }
    let hasKey = ring.map { !$0.keys.isEmpty } ?? false
    return hasKey ? nil : "\(name) holds no key; `clonegate control` makes one"
  }
}
