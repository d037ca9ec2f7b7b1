import Foundation
import HTTP
import JSON
import Kubernetes
import Logging
import RealCluster
import Synchronization
import Testing
import Transport

@testable import clonegate

/// The probe against a real listener with real TLS.
@Suite final class RegistrationProbeTests {
  private let directory = NSTemporaryDirectory() + "clonegate-probe-\(UUID().uuidString)"
  private let authority: CertificateAuthority
  private let loops: LoopGroup
  private let mirror: RegistrationMirror
  private let tls: TLSServerContext
  private let probe: RegistrationProbe

  init() throws {
    authority = try CertificateAuthority(making: "ca of a test")
    let folder = try SecretFolder(path: directory)
    let leaf = try authority.issue(.init(hosts: ["gate.ns.svc", "localhost"]))
    try folder.write(leaf.certificate, to: "tls.crt", as: .certificate)
    try folder.write(leaf.key, to: "tls.key", as: .key)
    loops = try LoopGroup(count: 1)
    let nobody = ClusterConfiguration(
      server: try Kubernetes.ServerAddress("http://127.0.0.1:1"), trust: .plain, credential: .none)
    let client = KubernetesClient(nobody, clients: HTTPClientFactory(loop: loops.loops[0]))
    mirror = RegistrationMirror(client: client, name: "clonegate")
    let tls = try TLSServerContext(
      TLSServerContext.Configuration(certificate: "\(directory)/tls.crt", key: "\(directory)/tls.key"))
    self.tls = tls
    probe = RegistrationProbe(
      mirror: mirror, certificate: { tls.certificate }, service: "gate", namespace: "ns",
      loop: loops.loops[0], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }
  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func serving(
    _ tls: TLSServerContext? = nil, on address: String = "127.0.0.1:0",
    observe: @escaping @Sendable (HTTPServerEvent) -> Void = { _ in }, _ body: () async throws -> Void
  ) async throws {
    let server = HTTPServer(
      configuration: HTTPServerConfiguration(address: try SocketAddress(address)),
      tls: tls ?? self.tls,
      loops: loops, observe: observe,
      handler: { _ in .now(HTTPResponse(status: 200, headers: [:], body: [])) })
    probe.listening(on: try await server.start())
    try await body()
    await server.drain(within: .milliseconds(20))
    await loops.stop()
  }

  private static func webhook(_ call: JSONValue) throws -> RegisteredWebhook {
    let node = JSONNode(["name": "w.example", "clientConfig": call])
    return try #require(RegisteredWebhook(node, of: "MutatingWebhookConfiguration clonegate"))
  }

  private func call(_ place: JSONValue, trusting authority: CertificateAuthority) throws -> RegisteredWebhook
  {
    var call = place
    call["caBundle"] = .string(Base64.encoded(try authority.certificatePEM()))
    return try Self.webhook(call)
  }

  private func registered(_ webhooks: RegisteredWebhook?...) {
    for (kind, webhook) in zip(StoredRegistration.types.map(\.kind), webhooks) {
      mirror.take(webhook.map { [$0] }, of: kind)
    }
  }

  private static let service: JSONValue = ["service": ["namespace": "ns", "name": "gate"]]

  @Test func `not ready before anything is known, ready when nothing is installed`() async throws {
    #expect(probe.finding.outcome == .unknown && probe.finding.problem != nil)
    #expect(await probe.probe().outcome == .unknown)
    registered(nil, nil)
    let finding = await probe.probe()
    #expect(finding.outcome == .absent && finding.problem == nil && finding.note != nil)
    await loops.stop()
  }

  @Test func `the published bundle vouches for what is served, by Service and by URL`() async throws {
    try await serving {
      registered(
        try call(Self.service, trusting: authority),
        try call(["url": "https://localhost:8443/validate"], trusting: authority))
      let finding = await probe.probe()
      #expect(finding.outcome == .verified && finding.problem == nil, "\(finding)")
      #expect(finding.note == "trusted as gate.ns.svc, localhost")
    }
  }

  @Test func `another authority of the same name is no help, and the message says what to do`() async throws {
    try await serving {
      let other = try CertificateAuthority(making: "ca of a test")
      registered(
        try call(Self.service, trusting: authority), try call(Self.service, trusting: other))
      let finding = await probe.probe()
      #expect(finding.outcome == .refused)
      let problem = try #require(finding.problem)
      #expect(problem.contains("w.example") && problem.contains("gate.ns.svc"))
      #expect(
        problem.contains("certs rotate --cluster") && problem.contains("local issuer"), "\(problem)")
    }
  }

  /// On every address it calls itself by IPv4, which a machine has even when its IPv6 is switched off.
  @Test(arguments: ["127.0.0.1:0", ":0"])
  func `a gate that asks for client certificates is probed too, and knows that it was itself`(
    _ address: String
  ) async throws {
    try await probed(on: address, from: "127.0.0.1")
  }

  @Test(.enabled(if: IPv6.isHere, "\(IPv6.need)"))
  func `a gate on an IPv6 address alone is probed there`() async throws {
    try await probed(on: "[::1]:0", from: "::1")
  }

  private func probed(on address: String, from host: String) async throws {
    var configuration = TLSServerContext.Configuration(
      certificate: "\(directory)/tls.crt", key: "\(directory)/tls.key")
    try SecretFolder(path: directory).write(authority.certificatePEM(), to: "ca.crt", as: .certificate)
    configuration.clientAuthorities = "\(directory)/ca.crt"
    let strangers = Mutex(0)
    let observe: @Sendable (HTTPServerEvent) -> Void = { [probe] event in
      guard case .connectionRefused(let refusal) = event, !probe.isOwn(refusal.peer) else { return }
      strangers.withLock { $0 += 1 }
    }
    #expect(!probe.isOwn(try SocketAddress(host: host, port: 1)))
    try await serving(try TLSServerContext(configuration), on: address, observe: observe) {
      registered(try call(Self.service, trusting: authority), nil)
      let begun = ContinuousClock.now
      #expect(await probe.probe().outcome == .verified)
      #expect(probe.isOwn(try SocketAddress(host: host, port: 1), at: begun))
      #expect(!probe.isOwn(try SocketAddress(host: "10.0.0.7", port: 1)))
    }
    #expect(strangers.withLock { $0 } == 0)
  }

  @Test func `a name that the certificate does not prove is refused`() async throws {
    try await serving {
      registered(try call(["url": "https://gate.example"], trusting: authority), nil)
      let finding = await probe.probe()
      #expect(finding.outcome == .refused && finding.problem?.contains("hostname mismatch") == true)
    }
  }

  @Test(arguments: [nil, "", "bm9uZQ==", "***"])
  func `no readable bundle is no trust`(bundle: String?) async throws {
    try await serving {
      var call = Self.service
      if let bundle { call["caBundle"] = .string(bundle) }
      registered(try Self.webhook(call), nil)
      #expect(await probe.probe().outcome == .refused)
    }
  }

  @Test func `a registration for another Service is not ours`() async throws {
    try await serving {
      registered(
        try call(["service": ["namespace": "other", "name": "gate"]], trusting: authority), nil)
      let finding = await probe.probe()
      #expect(finding.outcome == .refused && finding.problem?.contains("other/gate") == true)
    }
  }

  @Test func `a gate that does not answer itself says so`() async throws {
    try await serving {}
    registered(try call(Self.service, trusting: authority), nil)
    #expect(await probe.probe().outcome == .unanswered)
  }

  @Test(arguments: [
    ("https://localhost:8443/x", "localhost"), ("https://gate.example", "gate.example"),
    ("https://[::1]:8443/x", "::1"), ("https://10.0.0.7/", "10.0.0.7"),
  ])
  func `the host of a URL is what is proved`(url: String, host: String) throws {
    #expect(try Self.webhook(["url": .string(url)]).verified == host)
  }
}
