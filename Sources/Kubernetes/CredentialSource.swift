internal import HTTP

/// What is shown to the API server with each request. Files are read again as they rotate, plugins run again
/// when what they gave expires; both also when the API server refuses what they gave.
actor CredentialSource {
  struct Shown: Sendable, Hashable {
    var token: String?
    var certificate: [UInt8]?
    var key: [UInt8]?
  }

  /// The kubelet replaces a token at 80% of its life, which is at least ten minutes; client-go reads as
  /// often.
  private static let tokenAge = Duration.seconds(60)
  /// A refused credential is not asked for again sooner: a broken one must not start a process a request.
  private static let renewalPause = Duration.seconds(10)
  /// What expires sooner than this is renewed now, so that it is still good when it arrives.
  private static let expiryMargin: Int64 = 10

  private let credential: ClusterConfiguration.Credential
  private let instant: @Sendable () -> ContinuousClock.Instant
  private var held: (shown: Shown, since: ContinuousClock.Instant, expiry: Int64?)?
  private var isRefused = false
  private var running: Task<Result<ExecCredential, KubernetesError>, Never>?

  /// - Parameter instant: the clock; tests move it.
  init(
    _ credential: ClusterConfiguration.Credential,
    instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.credential = credential
    self.instant = instant
  }

  func current() async throws(KubernetesError) -> Shown {
    switch credential {
    case .none: return Shown()
    case .token(let token): return Shown(token: token)
    case .clientCertificate(let certificate, let key): return Shown(certificate: certificate, key: key)
    case .tokenFile(let path): return try fromFile(path)
    case .exec(let plugin): return try await fromPlugin(plugin)
    }
  }

  /// The API server answered 401 to `shown`. True when there is something newer to show.
  func renewed(after shown: Shown) async throws(KubernetesError) -> Bool {
    if let held, held.shown == shown, instant() - held.since >= renewalPause { isRefused = true }
    return try await current() != shown
  }

  /// A file is cheap to read and may have been replaced this second; a process is not.
  private var renewalPause: Duration {
    if case .tokenFile = credential { .zero } else { Self.renewalPause }
  }

  private func fromFile(_ path: String) throws(KubernetesError) -> Shown {
    if let held, !isRefused, instant() - held.since < Self.tokenAge { return held.shown }
    isRefused = false
    do throws(KubernetesError) {
      let shown = Shown(token: try TokenFile.read(path))
      held = (shown, instant(), nil)
      return shown
    } catch {
      // The kubelet may be swapping it: what was good a minute ago is the best we have.
      guard let held else { throw error }
      self.held?.since = instant()
      return held.shown
    }
  }

  private func fromPlugin(_ plugin: ExecPlugin) async throws(KubernetesError) -> Shown {
    if let held, !isRefused, !isExpired(held.expiry) { return held.shown }
    let task = running ?? Task { await Self.run(plugin) }
    running = task
    let result = await task.value
    if running == task { running = nil }
    let fresh = try result.get()
    isRefused = false
    let shown = Shown(token: fresh.token, certificate: fresh.certificate, key: fresh.key)
    held = (shown, instant(), fresh.expiry)
    return shown
  }

  private func isExpired(_ expiry: Int64?) -> Bool {
    guard let expiry else { return false }
    return MicroTime.now.microseconds / 1_000_000 + Self.expiryMargin >= expiry
  }

  private static func run(_ plugin: ExecPlugin) async -> Result<ExecCredential, KubernetesError> {
    do throws(KubernetesError) { return .success(try await plugin.run()) } catch { return .failure(error) }
  }
}
