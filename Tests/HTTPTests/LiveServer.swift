import Foundation
import Synchronization
import Testing
import Transport

@testable import HTTP

/// A server of ours on loopback with a few paths that tests need, gone when `stop` returns.
struct LiveServer {
  let server: HTTPServer
  let loops: LoopGroup
  let address: SocketAddress
  let events: EventLog
  /// What `/held` waits for.
  let latch: Latch

  static func start(
    tls: Bool = false, threads: Int = 1, configure: (inout HTTPServerConfiguration) -> Void = { _ in }
  ) async throws -> LiveServer {
    var configuration = HTTPServerConfiguration(address: try SocketAddress("127.0.0.1:0"))
    configuration.deadlines.drainLinger = .milliseconds(200)
    configure(&configuration)
    let loops = try LoopGroup(count: threads), events = EventLog(), latch = Latch()
    let context = tls ? try TestCertificates.shared.server() : nil
    let server = HTTPServer(
      configuration: configuration, tls: context, loops: loops, observe: { events.note($0) }
    ) { answer($0, latch) }
    return LiveServer(
      server: server, loops: loops, address: try await server.start(), events: events, latch: latch)
  }

  func stop() async {
    await server.drain(within: .seconds(5))
    await loops.stop()
  }

  private static func answer(_ request: HTTPRequest, _ latch: Latch) -> HTTPReply {
    switch request.path {
    case "/echo": .now(HTTPResponse(status: 200, headers: .json, body: request.body))
    case "/later": .later { HTTPResponse(status: 200, headers: .json, body: request.body) }
    case "/held":
      .later {
        await latch.pass()
        return .text("held")
      }
    case "/slow":
      .later {
        try? await Task.sleep(for: .milliseconds(Int(request.query ?? "") ?? 50))
        return .text("slow \(request.query ?? "")")
      }
    case "/big":
      .now(HTTPResponse(status: 200, body: Array(repeating: 0x78, count: Int(request.query ?? "") ?? 0)))
    case "/empty": .now(HTTPResponse(status: 204))
    default: .now(.text("\(request.method) \(request.target) \(request.body.count)"))
    }
  }

  func client(tls: Bool = false, configure: (inout HTTPClientConfiguration) -> Void = { _ in }) throws
    -> HTTPClient
  {
    var configuration = HTTPClientConfiguration()
    configure(&configuration)
    return HTTPClient(
      host: "127.0.0.1", port: address.port, tls: tls ? try TestCertificates.shared.client() : nil,
      loop: loops.loops[0], configuration: configuration)
  }
}

/// What a server had to say about its peers.
final class EventLog: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ event: HTTPServerEvent) { lines.withLock { $0.append("\(event)") } }
  var all: [String] { lines.withLock { $0 } }
}

/// Opened once; whoever waits for it goes on.
final class Latch: Sendable {
  private let isOpen = Mutex(false)
  func open() { isOpen.withLock { $0 = true } }
  func pass() async {
    while !Task.isCancelled, !isOpen.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
  }
}

/// A number that tasks share.
final class Counter: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func add(_ more: Int) { number.withLock { $0 += more } }
}

/// An authority and a certificate for loopback, made once for all tests.
final class TestCertificates: Sendable {
  static let shared = TestCertificates()
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "http-tests-\(UUID().uuidString)")
  var authority: String { folder.appendingPathComponent("ca.crt").path }

  private init() {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let authority = try CertificateAuthority()
      let leaf = try authority.issue(.init(hosts: ["localhost", "127.0.0.1"]))
      for (name, bytes) in [
        ("ca.crt", try authority.certificatePEM()), ("tls.crt", leaf.certificate), ("tls.key", leaf.key),
      ] { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
    } catch { fatalError("no certificates: \(error)") }
    atexit { try? FileManager.default.removeItem(at: TestCertificates.shared.folder) }
  }

  func server() throws -> TLSServerContext {
    try TLSServerContext(
      .init(
        certificate: folder.appendingPathComponent("tls.crt").path,
        key: folder.appendingPathComponent("tls.key").path))
  }
  func client() throws -> TLSClientContext { try TLSClientContext(authorities: authority) }
}

/// A blocking socket of the plainest kind, so that the server is not tested with its own client. Every wait
/// ends.
final class RawClient {
  private let descriptor: Int32

  init(_ address: SocketAddress) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = address.port.bigEndian
    inet_pton(AF_INET, address.host, &target.sin_addr)
    let code = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw POSIXError(.ECONNREFUSED) }
  }
  deinit { close(descriptor) }

  func send(_ text: String) { send(Array(text.utf8)) }
  @discardableResult func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      sent += count
    }
    return sent
  }
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Everything up to the end of the stream.
  func receiveAll() -> String {
    var all: [UInt8] = []
    while let more = receiveSome() { all += more }
    return String(decoding: all, as: UTF8.self)
  }

  /// Reads until `text` has been seen `times` times, or the stream ends.
  func receive(until text: String, times: Int = 1) -> String {
    var all = ""
    while all.components(separatedBy: text).count <= times, let more = receiveSome() {
      all += String(decoding: more, as: UTF8.self)
    }
    return all
  }

  private func receiveSome() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    // The end of a tool that another test runs interrupts a read here.
    var count = recv(descriptor, &buffer, buffer.count, 0)
    while count < 0, errno == EINTR { count = recv(descriptor, &buffer, buffer.count, 0) }
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}

/// Runs blocking work on a thread of its own, so that it cannot starve the tasks that serve it.
func offPool<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
