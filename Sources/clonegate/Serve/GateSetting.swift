import Admission
import HTTP
import Logging
import ServiceLifecycle
import Transport

/// Where a gate lives: beside a directory of manifests, or in a cluster. Decides where policy and inventory
/// come from, what is done with an accepted clone, and whom to ask before a refusal.
protocol GateSetting: Sendable {
  /// Makes accepted clones durable; nil where judging has no side effects.
  var recorder: CloneRecorder? { get }
  /// Asked before a refusal for a missing right; nil where the policy at hand is the only one there is.
  var secondOpinion: SecondOpinion? { get }
  /// Whether what is accepted now is stamped, and with what.
  var stamping: Stamping { get }
  /// What must be right beside the certificate, policy first.
  var checks: [ReadinessCheck] { get async }
  /// What runs for as long as the gate serves.
  var services: [any Service] { get }
  /// Where things come from, for the log's first line.
  var metadata: Logger.Metadata { get }

  /// Makes ready what can be made ready before the gate listens.
  func start() async throws
  /// The gate listens here.
  func listening(on address: SocketAddress)
  /// Whether a caller that was turned away may be the gate itself.
  func isOwnProbe(_ peer: SocketAddress) -> Bool
  /// Somebody sent SIGHUP.
  func readAgain()
  /// The gate was asked to leave: it goes on answering for a while, but need not be whole any more.
  func leaving()
  /// Sets the gauges that are this setting's own.
  func read(into metrics: GateMetrics) async
  /// The gate has left.
  func stop() async
}

extension GateSetting {
  func listening(on address: SocketAddress) {}
  func isOwnProbe(_ peer: SocketAddress) -> Bool { false }
  func leaving() {}
}

/// What a setting is made from.
struct GateParts {
  let options: ServeOptions
  let store: SnapshotStore
  let loops: LoopGroup
  let certificates: CertificateWatch
  let logger: Logger
}
