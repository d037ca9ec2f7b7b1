import Logging
import ServiceLifecycle
import Synchronization
import Transport

/// Calls the gate's own listener as an API server would: TLS 1.3, the name that the registration implies,
/// trusting exactly the published bundle. A gate that an API server would not trust is not ready, so that
/// requests go to one that it does.
final class RegistrationProbe: Service, Sendable {
  /// Between two probes when nothing changes: a listener that hangs, or a certificate that ends, is noticed
  /// within this.
  static let period = Duration.seconds(60)
  /// How soon a change of certificate or bundle is probed.
  static let interval = Duration.milliseconds(500)
  /// For one handshake with ourselves; an API server waits ten seconds for the whole review.
  static let patience = Duration.seconds(5)

  private struct State: Sendable {
    var address: SocketAddress?
    var finding = RegistrationFinding(
      outcome: .unknown, problem: "the webhook configurations were not read yet")
    /// Until when a caller from our own address may be the probe.
    var isOwnUntil: ContinuousClock.Instant?
  }

  private struct Seen: Equatable {
    var revision: Int
    var certificate: String
    var address: SocketAddress?
    var isKnown: Bool
  }

  private let mirror: RegistrationMirror
  private let certificate: @Sendable () -> CertificateInfo
  private let service, namespace: String
  private let loop: Loop
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameters:
  ///   - certificate: the one that new connections get now.
  ///   - service: the Service before this gate.
  init(
    mirror: RegistrationMirror, certificate: @escaping @Sendable () -> CertificateInfo, service: String,
    namespace: String, loop: Loop, logger: Logger
  ) {
    self.mirror = mirror
    self.certificate = certificate
    self.service = service
    self.namespace = namespace
    self.loop = loop
    self.logger = logger
  }

  var finding: RegistrationFinding { state.withLock { $0.finding } }

  /// The listener's address, with its real port.
  func listening(on address: SocketAddress) { state.withLock { $0.address = address } }

  /// Whether this caller may be the probe, which shows no client certificate and so is turned away, after it
  /// has seen what it came for.
  func isOwn(_ peer: SocketAddress, at now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { state in
      guard let address = state.address, let end = state.isOwnUntil else { return false }
      return now < end && peer.host == Self.reachable(address.host)
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      async let following: Void = self.mirror.run()
      await self.probeOnChange()
      await following
    }
  }

  private func probeOnChange() async {
    var last: (seen: Seen, at: ContinuousClock.Instant)?
    while !Task.isCancelled {
      let seen = Seen(
        revision: mirror.revision, certificate: certificate().fingerprint,
        address: state.withLock { $0.address }, isKnown: mirror.webhooks != nil)
      let isDue = last.map { $0.seen != seen || ContinuousClock.now - $0.at >= Self.period } ?? true
      let isUnsettled = [.unknown, .unanswered].contains(finding.outcome)
      if isDue || isUnsettled {
        take(await probe())
        last = (seen, .now)
      }
      try? await Task.sleep(for: Self.interval)
    }
  }

  private func take(_ finding: RegistrationFinding) {
    let old = state.withLock { state in
      defer { state.finding = finding }
      return state.finding
    }
    guard old.outcome != finding.outcome || old.problem != finding.problem else { return }
    if finding.outcome == .unknown {
      logger.notice(
        "not known yet whether API servers trust this gate", metadata: ["why": "\(finding.problem ?? "")"])
    } else if let problem = finding.problem {
      logger.error("an API server would not trust this gate", metadata: ["problem": "\(problem)"])
    } else {
      logger.notice("registration", metadata: ["state": "\(finding.note ?? "")"])
    }
  }

  /// One probe of every webhook; those that trust the same and ask for the same name share a handshake.
  func probe() async -> RegistrationFinding {
    guard let webhooks = mirror.webhooks else {
      let why = mirror.failure.map { ": \($0)" } ?? " yet"
      return RegistrationFinding(
        outcome: .unknown, problem: "the webhook configurations \(mirror.name) were not read\(why)")
    }
    guard !webhooks.isEmpty else {
      return RegistrationFinding(
        outcome: .absent, note: "no webhook configuration \(mirror.name) is installed: nobody calls this gate"
      )
    }
    guard let address = state.withLock({ $0.address }) else {
      return RegistrationFinding(outcome: .unknown, problem: "this gate does not listen yet")
    }
    var known: [RegisteredWebhook] = []
    for webhook in webhooks {
      if let finding = misplaced(webhook) { return finding }
      if known.contains(where: { $0.verified == webhook.verified && $0.bundle == webhook.bundle }) {
        continue
      }
      if let finding = await refusal(of: webhook, at: address) { return finding }
      known.append(webhook)
    }
    let missing = mirror.absent.map { "\($0) \(mirror.name) is not installed" }
    let names = Set(known.map(\.verified)).sorted().joined(separator: ", ")
    return RegistrationFinding(
      outcome: .verified, note: (["trusted as \(names)"] + missing).joined(separator: "; "))
  }

  private func misplaced(_ webhook: RegisteredWebhook) -> RegistrationFinding? {
    guard case .service(let namespace, let name) = webhook.place,
      (namespace, name) != (self.namespace, service)
    else { return nil }
    return RegistrationFinding(
      outcome: .refused,
      problem:
        "webhook \(webhook.name) of \(webhook.configuration) calls Service \(namespace)/\(name), and this "
        + "gate is \(self.namespace)/\(service): correct the registration, or --service and --namespace")
  }

  /// Nil when an API server would trust us.
  private func refusal(
    of webhook: RegisteredWebhook, at address: SocketAddress
  ) async -> RegistrationFinding? {
    guard !webhook.bundle.isEmpty, let bundle = AuthorityBundle(encoded: webhook.bundle) else {
      let what = webhook.bundle.isEmpty ? "has no caBundle" : "has a caBundle that is no PEM"
      return RegistrationFinding(
        outcome: .refused,
        problem: "webhook \(webhook.name) of \(webhook.configuration) \(what): \(Self.advice)")
    }
    state.withLock { $0.isOwnUntil = .now + Self.patience + .seconds(1) }
    defer { state.withLock { $0.isOwnUntil = .now + .seconds(1) } }
    do throws(TransportError) {
      let trust = try TLSClientContext(
        authorityBytes: bundle.pem, protocols: ["http/1.1"], minimumVersion: .tls13)
      _ = try await Dialer(tls: trust, within: Self.patience).connect(
        to: Self.reachable(address.host), port: address.port, serverName: webhook.verified, on: loop
      ) { _ in Farewell() }
      return nil
    } catch {
      return finding(error, webhook)
    }
  }

  private func finding(_ error: TransportError, _ webhook: RegisteredWebhook) -> RegistrationFinding {
    guard error.code == .tlsHandshake || error.code == .certificate else {
      return RegistrationFinding(
        outcome: .unanswered, problem: "this gate does not answer its own call: \(error)")
    }
    let served = certificate()
    return RegistrationFinding(
      outcome: .refused,
      problem: "the served certificate (\(served.subject), sha256 \(served.fingerprint.prefix(11))...) is "
        + "refused by an API server that trusts the caBundle of webhook \(webhook.name) of "
        + "\(webhook.configuration) and asks for \(webhook.verified): \(error.cause ?? error.message); "
        + Self.advice)
  }

  private static let advice =
    "run `clonegate certs rotate --cluster`, and see that --tls-cert and --tls-key name what Secret "
    + "clonegate-tls holds"

  /// Where a listener on every address is reached from its own machine. One on `::` takes IPv4 too, and a
  /// machine whose IPv6 is switched off has no `::1`.
  private static func reachable(_ host: String) -> String {
    ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
  }
}

/// Has seen the handshake succeed, and leaves.
private final class Farewell: ConnectionHandler {
  func opened(on connection: Connection) { connection.close() }
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {}
}
