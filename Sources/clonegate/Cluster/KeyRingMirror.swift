import Admission
import JSON
import Kubernetes
import Synchronization

/// The key ring as the API server holds it, followed by name: nobody needs the right to read other Secrets.
final class KeyRingMirror: Sendable {
  private let client: KubernetesClient
  private let namespace: String
  private let state = Mutex(KeyRing?.none)

  init(client: KubernetesClient, namespace: String) {
    self.client = client
    self.namespace = namespace
  }

  /// Nil until the Secret was seen, and when it is gone.
  var ring: KeyRing? { state.withLock { $0 } }

  /// Follows until its task is cancelled.
  func run() async {
    let selector = ObjectSelector(fields: "metadata.name=\(KeyRing.secretName)")
    let reflector = Reflector(
      .secrets, in: namespace, selector: selector, client: client, project: { KeyRing(secret: $0) },
      sink: { [self] change in
        let ring: KeyRing? =
          switch change {
          case .replaced(let all): all.first?.element
          case .added(let object), .modified(let object): object.element
          case .deleted: nil
          }
        state.withLock { $0 = ring }
      })
    await reflector.run()
  }

  /// Asks the API server now: another replica may have made a key since.
  func read() async throws(KubernetesError) -> KeyRing {
    let secret = try await client.get(.secrets, KeyRing.secretName, in: namespace)
    let ring = KeyRing(secret: JSONNode(secret))
    state.withLock { $0 = ring }
    return ring
  }

  /// How clones that are accepted at `time`, seconds since 1970, are stamped.
  func stamping(at time: Int64) -> Stamping { ring?.seal(at: time).map { .with($0) } ?? .keyless }

  var check: ReadinessCheck {
    let isThere = ring.map { !$0.keys.isEmpty } ?? false
    let problem = "Secret \(namespace)/\(KeyRing.secretName) holds no key; `clonegate control` makes one"
    return ReadinessCheck(name: "keys", problem: isThere ? nil : problem)
  }

  /// Whether a stored DataVolume was accepted. A key that is not known here is looked for once more.
  /// - Parameter created: its creation, seconds since 1970.
  func acceptance(of object: JSONNode, created: Int64) async throws(KubernetesError) -> AcceptanceCheck {
    let known = state.withLock { $0 }
    let first = AcceptanceCheck(of: object, created: created) { known?.check($0, $1, $2) }
    guard case .unknownKey = first else { return first }
    let ring = try await read()
    return AcceptanceCheck(of: object, created: created) { ring.check($0, $1, $2) }
  }
}
