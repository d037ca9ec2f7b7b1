import Admission
import HTTP
import Kubernetes
import Logging
import ServiceLifecycle
import Transport

/// The gate in a cluster: policy and inventory mirrored from the API server, a second opinion from it before
/// every refusal for a missing right, and no side effects.
struct ClusterSetting: GateSetting {
  private let client: KubernetesClient
  private let mirror: ClusterMirror
  private let feed: MirrorFeed
  private let store: SnapshotStore
  let secondOpinion: SecondOpinion?
  var recorder: CloneRecorder? { nil }

  init(_ configuration: ClusterConfiguration, _ parts: GateParts) {
    let logger = parts.logger
    client = KubernetesClient(configuration, clients: HTTPClientFactory(loop: parts.loops.leastLoaded)) {
      logger.warning("the API server warns", metadata: ["warning": "\($0)"])
    }
    mirror = ClusterMirror(client: client)
    store = parts.store
    feed = MirrorFeed(mirror: mirror, store: parts.store, logger: logger)
    secondOpinion = SecondOpinion(trustsPolicy: { [mirror] in mirror.isPolicyCurrent }) {
      [client] (spec, limit) async throws(KubernetesError) in
      try await client.subjectAccessReview(spec, within: limit)
    }
  }

  var services: [any Service] { [feed] }
  var metadata: Logger.Metadata { ["apiServer": "\(client.configuration.server)"] }

  /// The mirror fills while the gate already listens; until then it is not ready.
  func start() async throws {}
  /// There is nothing to read: changes are watched.
  func readAgain() {}
  func stop() async { await client.close() }

  func read(into metrics: GateMetrics) async { metrics.readMirror(mirror) }

  var checks: [ReadinessCheck] {
    get async { [.mirror(mirror.states, isJudging: store.current != nil)] }
  }
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
    let note = absent.isEmpty ? nil : "not installed: \(absent.joined(separator: ", "))"
    return ReadinessCheck(name: "policy", problem: nil, note: note)
  }
}
