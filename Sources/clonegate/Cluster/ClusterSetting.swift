import Admission
import HTTP
import Kubernetes
import Logging
import ServiceLifecycle
import Transport

/// The gate in a cluster: policy and inventory mirrored from the API server, a second opinion from it before
/// every refusal for a missing right, and no side effects: what it accepts it stamps.
struct ClusterSetting: GateSetting {
  private let client: KubernetesClient
  private let mirror: ClusterMirror
  private let feed: MirrorFeed
  private let store: SnapshotStore
  /// Nil where CDI copies.
  private let keys: KeyRingMirror?
  private let registration: RegistrationMirror
  private let probe: RegistrationProbe
  let secondOpinion: SecondOpinion?
  var recorder: CloneRecorder? { nil }

  init(_ configuration: ClusterConfiguration, _ parts: GateParts) {
    let logger = parts.logger
    client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: parts.loops.leastLoaded)) {
      logger.warning("the API server warns", metadata: ["warning": "\($0)"])
    }
    mirror = ClusterMirror(client: client)
    store = parts.store
    let home = parts.options.cluster.home(configuration)
    keys = parts.options.copying == .cdi ? nil : KeyRingMirror(client: client, namespace: home)
    registration = RegistrationMirror(client: client, name: parts.options.registration)
    probe = RegistrationProbe(
      mirror: registration,
      certificate: { [certificates = parts.certificates] in certificates.certificate },
      service: parts.options.service, namespace: home, loop: parts.loops.leastLoaded, logger: logger)
    feed = MirrorFeed(mirror: mirror, store: parts.store, logger: logger)
    secondOpinion = SecondOpinion(trustsPolicy: { [mirror] in mirror.isPolicyTrusted }) {
      [client] (spec, limit) async throws(KubernetesError) in
      try await client.subjectAccessReview(spec, within: limit)
    }
  }

  var services: [any Service] {
    guard let keys else { return [feed, probe] }
    return [feed, probe, KeyRingService(keys: keys)]
  }

  /// Anybody who reaches the gate may show it a review; stamped is only what the API server would send.
  var stamping: Stamping {
    guard let keys else { return .off }
    let stamping = keys.stamping(at: .secondsSince1970)
    guard case .with(let seal, _) = stamping else { return stamping }
    guard let webhooks = registration.stamping else { return .unasked }
    return .with(seal) { namespace in webhooks.contains { $0.namespaces.admits(namespace) } }
  }
  var metadata: Logger.Metadata { ["apiServer": "\(client.configuration.server)"] }

  /// The mirror fills while the gate already listens; until then it is not ready.
  func start() async throws {}
  /// There is nothing to read: changes are watched.
  func readAgain() {}
  func listening(on address: SocketAddress) { probe.listening(on: address) }
  func isOwnProbe(_ peer: SocketAddress) -> Bool { probe.isOwn(peer) }
  func stop() async { await client.close() }

  func read(into metrics: GateMetrics) async {
    metrics.readMirror(mirror)
    metrics.readRegistration(probe.finding)
  }

  var checks: [ReadinessCheck] {
    get async {
      [.mirror(mirror.states, isJudging: store.current != nil)] + (keys.map { [$0.check] } ?? [])
        + [.registration(probe.finding)]
    }
  }
}

/// Follows the key ring for as long as the gate serves.
private struct KeyRingService: Service, CustomStringConvertible {
  let keys: KeyRingMirror

  /// How the log names it.
  var description: String { "key ring" }

  func run() async throws { await cancelWhenGracefulShutdown { await keys.run() } }
}

extension ReadinessCheck {
  /// Everything is mirrored, nothing of it is too old, and reviews are judged by it.
  static func mirror(_ states: [MirrorState], isJudging: Bool) -> ReadinessCheck {
    var problems = states.compactMap(\.problem)
    if problems.isEmpty, !isJudging { problems = ["the first policy is being made of the mirror"] }
    guard problems.isEmpty else {
      return ReadinessCheck(name: "policy", problem: problems.joined(separator: "; "))
    }
    let absent = states.filter(\.isAbsent).map(\.resource.type.description)
    var notes = states.compactMap(\.note)
    if !absent.isEmpty { notes.append("not installed: \(absent.joined(separator: ", "))") }
    let note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    return ReadinessCheck(name: "policy", problem: nil, note: note)
  }
}
