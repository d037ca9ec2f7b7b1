import Foundation
import HTTP
import JSON
package import Kubernetes
import Synchronization
package import Transport

/// A real API server with its etcd on loopback, thrown away at the end. Its tests run one after the other:
/// put them in one serialized suite for each test target.
package final class APIServer: Sendable {
  /// Where kube-apiserver and etcd are, or nil where there are none.
  package static let assets: String? = {
    let folder = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"] ?? "/usr/local/kubebuilder/bin"
    let isThere = ["kube-apiserver", "etcd"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
    }
    return isThere ? folder : nil
  }()
  package static var isAvailable: Bool { assets != nil }
  package static let absence =
    "no kube-apiserver and etcd in KUBEBUILDER_ASSETS or /usr/local/kubebuilder/bin"

  /// Starts at the first call, for all tests of the process; stopped when the process exits.
  package static let shared = Task { () throws -> APIServer in
    let server = try APIServer()
    stopAtExit.withLock { $0 = server }
    atexit { APIServer.stopAtExit.withLock { $0 }?.stop() }
    try await server.waitUntilReady()
    return server
  }
  private static let stopAtExit = Mutex<APIServer?>(nil)

  package let folder: String
  package let port: UInt16
  package let etcdPort: UInt16
  package let loops: LoopGroup
  private let processes = Mutex<(etcd: Daemon?, server: Daemon?)>((nil, nil))

  private init() throws {
    folder = NSTemporaryDirectory() + "kubernetes-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    (port, etcdPort) = (try Self.freePort(), try Self.freePort())
    loops = try LoopGroup(count: 1)
    try Self.openssl(["genrsa", "-out", "\(folder)/service-account.key", "2048"])
    try makeClientCertificate()
    let tokens = "admin-token,admin,admin,\"system:masters\"\nalice-token,alice,alice,\"developers\"\n"
    try tokens.write(toFile: "\(folder)/tokens.csv", atomically: true, encoding: .utf8)
    try startEtcd()
    try startServer()
  }

  package func startEtcd() throws {
    let url = "http://127.0.0.1:\(etcdPort)", peer = "http://127.0.0.1:\(try Self.freePort())"
    let etcd = try Daemon(
      "\(Self.assets ?? "")/etcd",
      [
        "--data-dir", "\(folder)/etcd", "--listen-client-urls", url, "--advertise-client-urls", url,
        "--listen-peer-urls", peer, "--unsafe-no-fsync",
      ], log: "\(folder)/etcd.log")
    processes.withLock { $0.etcd = etcd }
  }

  package func startServer() throws {
    let key = "\(folder)/service-account.key"
    let server = try Daemon(
      "\(Self.assets ?? "")/kube-apiserver",
      [
        "--etcd-servers", "http://127.0.0.1:\(etcdPort)", "--secure-port", "\(port)", "--bind-address",
        "127.0.0.1", "--cert-dir", "\(folder)/pki", "--service-account-issuer",
        "https://kubernetes.default.svc", "--service-account-key-file", key,
        "--service-account-signing-key-file", key, "--token-auth-file", "\(folder)/tokens.csv",
        "--client-ca-file", "\(folder)/client-ca.crt", "--authorization-mode", "RBAC",
        "--service-cluster-ip-range", "10.96.0.0/24",
        // Told (RFC 5737): it would be found by the default route, which a machine without a network lacks.
        "--advertise-address", "192.0.2.1",
        "--disable-admission-plugins", "ServiceAccount", "--etcd-compaction-interval", "0",
      ], log: "\(folder)/apiserver.log")
    processes.withLock { $0.server = server }
  }

  /// SIGKILL, as when its machine dies.
  package func killServer() {
    processes.withLock { processes in
      processes.server?.kill()
      processes.server = nil
    }
  }

  /// The server first, so that it does not complain about its etcd; nothing of either stays.
  package func stop() {
    killServer()
    processes.withLock { processes in
      processes.etcd?.kill()
      processes.etcd = nil
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  package func waitUntilReady() async throws {
    let end = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < end {
      if FileManager.default.fileExists(atPath: "\(folder)/pki/apiserver.crt") {
        if try await isReady { return }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    let log = (try? String(contentsOfFile: "\(folder)/apiserver.log", encoding: .utf8)) ?? ""
    throw NotReady(log: String(log.suffix(1000)))
  }

  private struct NotReady: Error { let log: String }

  private var isReady: Bool {
    get async throws {
      let trust = HTTPTrust(authorities: try authority, certificate: nil, key: nil)
      let client = try HTTPClientFactory(loop: loops.loops[0]).client(
        host: "127.0.0.1", port: port, trust: trust, configuration: .init())
      let answer = try? await client.send(
        HTTPRequest(
          method: "GET", path: "/readyz", headers: ["authorization": "Bearer admin-token"], body: []),
        within: .seconds(2))
      await client.close()
      return answer?.status == 200
    }
  }

  /// The server makes a certificate for itself, which is the CA here.
  private var authority: [UInt8] {
    get throws { Array(try Data(contentsOf: URL(filePath: "\(folder)/pki/apiserver.crt"))) }
  }

  private struct ToolFailed: Error { let what: String }

  /// Has etcd forget all versions but the present one, through its JSON gateway.
  package func compact() async throws {
    let client = HTTPClient(host: "127.0.0.1", port: etcdPort, tls: nil, loop: loops.loops[0])
    func ask(_ path: String, _ body: JSONValue) async throws -> JSONValue {
      let answer = try await client.send(
        HTTPRequest(method: "POST", path: path, headers: .json, body: body.bytes))
      guard answer.status == 200 else { throw ToolFailed(what: "etcd answered \(answer.status)") }
      return try JSONValue(parsing: answer.body)
    }
    let status = try await ask("/v3/kv/range", ["key": "AA==", "limit": "1"])
    guard let revision = status["header"]?["revision"]?.string else {
      throw ToolFailed(what: "etcd named no revision")
    }
    _ = try await ask("/v3/kv/compaction", ["revision": .string(revision), "physical": true])
    await client.close()
  }

  /// A client with this user's token.
  package func client(
    token: String = "admin-token", onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> KubernetesClient {
    client(try configuration(.token(token)), onWarning: onWarning)
  }

  package func client(
    _ configuration: ClusterConfiguration, onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) -> KubernetesClient {
    KubernetesClient(configuration, clients: HTTPClientFactory(loop: loops.loops[0]), onWarning: onWarning)
  }

  package func configuration(
    _ credential: ClusterConfiguration.Credential, port: UInt16? = nil
  ) throws -> ClusterConfiguration {
    ClusterConfiguration(
      server: ServerAddress(isTLS: true, host: "127.0.0.1", port: port ?? self.port, path: ""),
      trust: .authorities(try authority), credential: credential)
  }

  /// Makes a namespace of its own for a test.
  package func namespace(_ client: KubernetesClient) async throws -> String {
    let name = "t-" + UUID().uuidString.lowercased()
    _ = try await client.create(.namespaces, ["metadata": ["name": .string(name)]])
    return name
  }

  /// `carol.crt` and `carol.key`: the user carol of the group system:masters.
  private func makeClientCertificate() throws {
    let days = ["-days", "2"]
    func path(_ name: String) -> String { "\(folder)/\(name)" }
    try Self.openssl(
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=clients", "-keyout"]
        + [path("client-ca.key"), "-out", path("client-ca.crt")] + days)
    try Self.openssl(
      ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=system:masters/CN=carol", "-keyout"]
        + [path("carol.key"), "-out", path("carol.csr")])
    try Self.openssl(
      ["x509", "-req", "-in", path("carol.csr"), "-CA", path("client-ca.crt"), "-CAkey"]
        + [path("client-ca.key"), "-CAcreateserial", "-out", path("carol.crt")] + days)
  }

  private static func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ToolFailed(what: "openssl \(arguments)") }
  }

  /// A port that nobody uses now, that was not given here before, and that the system gives to no client's
  /// connection before it is used, nor while a server that was killed is started again.
  package static func freePort() throws -> UInt16 {
    let range = try String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
    let first = range.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) } ?? 32768
    for _ in 0..<1000 {
      let port = UInt16.random(in: min(10_000, first / 2)..<first)
      if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
    }
    throw ToolFailed(what: "no free port")
  }

  private static let given = Mutex<Set<UInt16>>([])

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
