import Foundation
import Synchronization
import Testing

@testable import Transport

/// Echoes what it gets, and counts what happens to it.
final class Echo: ConnectionHandler {
  let log: Journal
  init(_ log: Journal) { self.log = log }
  func opened(on connection: Connection) { log.note("opened \(connection.alpn ?? "-")") }
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) { connection.write(bytes) }
  func closed(_ reason: CloseReason, on connection: Connection) { log.note("closed \(reason)") }
}

/// What handlers on any loop have to say.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
  /// Waits for a line that starts so; nil after `limit`.
  func first(_ prefix: String, within limit: Duration = .seconds(10)) async -> String? {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if let line = all.first(where: { $0.hasPrefix(prefix) }) { return line }
      try? await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }
}

/// Waits until something is so.
func eventually(within limit: Duration = .seconds(10), _ condition: () async throws -> Bool) async rethrows
  -> Bool
{
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return try await condition()
}

/// A blocking client socket of the plainest kind, so that the tests do not check the product with itself.
final class PlainClient {
  let descriptor: Int32

  init(_ address: SocketAddress) throws {
    descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard address.withSystemAddress({ connect(descriptor, $0, $1) }) == 0 else {
      throw POSIXError(.ECONNREFUSED)
    }
  }
  deinit { close() }

  private var isClosed = false
  func close() {
    if !isClosed { Glibc.close(descriptor) }
    isClosed = true
  }
  func send(_ text: String) { send(Array(text.utf8)) }
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }
  /// Up to `count` bytes; fewer only at the end of the stream.
  func receive(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var have = 0
    while have < count {
      let more = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + have, count - have, 0) }
      if more <= 0 { break }
      have += more
    }
    return Array(bytes[..<have])
  }
  func receiveText(_ count: Int) -> String { String(decoding: receive(count), as: UTF8.self) }
}

/// A server with its loops, gone when `stop` returns.
struct Server {
  let loops: LoopGroup
  let listener: Listener
  let log: Journal
  var address: SocketAddress { listener.address }

  static func start(
    threads: Int = 1, on address: String = "127.0.0.1:0", tls: TLSServerContext? = nil,
    limits: TransportLimits = .init(),
    makeHandler: (@Sendable (Connection, Journal) -> any ConnectionHandler)? = nil
  ) async throws -> Server {
    let loops = try LoopGroup(count: threads), log = Journal()
    let listener = try await Listener.start(
      on: SocketAddress(address), loops: loops, tls: tls, limits: limits,
      refused: { log.note("refused \($0.reason)") },
      makeHandler: { makeHandler?($0, log) ?? Echo(log) })
    return Server(loops: loops, listener: listener, log: log)
  }

  func stop() async {
    await listener.stop()
    await loops.stop()
  }
}

/// A thread for the blocking side of a test; every one is waited for.
final class SideThread {
  private final class Body { let run: () -> Void; init(_ run: @escaping () -> Void) { self.run = run } }
  private var thread: pthread_t = 0

  init(_ body: @escaping () -> Void) {
    let argument = Unmanaged.passRetained(Body(body)).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, argument)
    precondition(code == 0)
  }
  func join() { pthread_join(thread, nil) }
}
