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
  func first(_ prefix: String, within limit: Duration = .seconds(60)) async -> String? {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if let line = all.first(where: { $0.hasPrefix(prefix) }) { return line }
      try? await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }
}

/// Waits until something is so.
func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows
  -> Bool
{
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return try await condition()
}

/// A client socket of the plainest kind, so that the tests do not check the product with itself. Its
/// blocking calls run on threads of their own: the tests share a pool that must not be blocked.
final class PlainClient: Sendable {
  let descriptor: Int32
  private let isClosed = Mutex(false)

  init(_ address: SocketAddress) throws {
    descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard address.withSystemAddress({ connect(descriptor, $0, $1) }) == 0 else {
      throw POSIXError(.ECONNREFUSED)
    }
  }
  deinit { close() }

  func close() {
    let wasClosed = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return isClosed
    }
    if !wasClosed { Glibc.close(descriptor) }
  }

  func send(_ text: String) async { await send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) async {
    await aside {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(self.descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
      }
    }
  }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Up to `count` bytes; fewer only at the end of the stream.
  func receive(_ count: Int) async -> [UInt8] {
    await aside {
      var bytes = [UInt8](repeating: 0, count: count)
      var have = 0
      while have < count {
        let more = bytes.withUnsafeMutableBytes {
          recv(self.descriptor, $0.baseAddress! + have, count - have, 0)
        }
        if more <= 0 { break }
        have += more
      }
      return Array(bytes[..<have])
    }
  }

  /// Reads a little now and then, until the server has closed the connection.
  func trickle(watching log: Journal) async {
    while !log.all.contains(where: { $0.hasPrefix("closed") }) {
      guard await !receive(4096).isEmpty else { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  func receiveText(_ count: Int) async -> String { String(decoding: await receive(count), as: UTF8.self) }
}

/// Runs what blocks on a thread of its own.
func aside<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
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

/// A handler made of closures; what is left out behaves as the protocol's default.
final class Scripted: ConnectionHandler {
  var onOpened: (Connection) -> Void = { _ in }
  var onReceived: (UnsafeRawBufferPointer, Connection) -> Void = { _, _ in }
  var onPeerFinished: (Connection) -> Void = { $0.close() }
  var onWillFlush: (Connection) -> Void = { _ in }
  var onWritable: (Connection) -> Void = { _ in }
  var onDeadline: (String, Connection) -> Void = { $1.abort($0) }
  let log: Journal
  init(_ log: Journal, _ set: (Scripted) -> Void = { _ in }) {
    self.log = log
    set(self)
  }
  /// Closes as soon as the handshake is done, so that a foreign client ends by itself.
  static func farewell(_ connection: Connection, _ log: Journal) -> any ConnectionHandler {
    Scripted(log) { $0.onOpened = { $0.close() } }
  }
  func opened(on connection: Connection) {
    log.note("opened")
    onOpened(connection)
  }
  func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) { onReceived(bytes, connection) }
  func peerFinished(on connection: Connection) { onPeerFinished(connection) }
  func willFlush(on connection: Connection) { onWillFlush(connection) }
  func writable(on connection: Connection) { onWritable(connection) }
  func deadlineReached(_ reason: String, on connection: Connection) { onDeadline(reason, connection) }
  func closed(_ reason: CloseReason, on connection: Connection) { log.note("closed \(reason)") }
}
