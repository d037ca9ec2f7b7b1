internal import Synchronization
internal import Transport

/// The connections that a client keeps: idle HTTP/1.1 ones, the latest first, or one HTTP/2 connection for
/// all.
final class HTTPClientPool: Sendable {
  private struct Kept {
    var idle: [ConnectionHandle] = []
    var shared: ConnectionHandle?
    var isClosed = false
  }

  private let kept = Mutex(Kept())
  private let idleConnections: Int

  init(idleConnections: Int) { self.idleConnections = idleConnections }

  /// A connection for the next request: HTTP/1.1 connections leave the pool until they are idle again.
  func take() -> ConnectionHandle? { kept.withLock { $0.shared ?? $0.idle.popLast() } }

  /// Takes an idle connection; false if it should be closed.
  func keep(_ handle: ConnectionHandle) -> Bool {
    kept.withLock { kept in
      guard !kept.isClosed, kept.idle.count < idleConnections else { return false }
      kept.idle.append(handle)
      return true
    }
  }

  /// Makes an HTTP/2 connection the one for all; false if there is one, and this one should close when it is
  /// idle.
  func share(_ handle: ConnectionHandle) -> Bool {
    kept.withLock { kept in
      guard !kept.isClosed, kept.shared == nil else { return false }
      kept.shared = handle
      return true
    }
  }

  func forget(_ handle: ConnectionHandle) {
    kept.withLock { kept in
      if kept.shared == handle { kept.shared = nil }
      kept.idle.removeAll { $0 == handle }
    }
  }

  func empty() -> [ConnectionHandle] {
    kept.withLock { kept in
      defer { kept = Kept(isClosed: true) }
      return kept.idle + (kept.shared.map { [$0] } ?? [])
    }
  }
}

/// What a connection has to say about its server.
struct HTTPClientAddress: Sendable {
  let endpoint: HTTPEndpoint
  let scheme: String
  let isDefaultPort: Bool

  /// Host and, unless it is the scheme's own, port (RFC 9110 section 4.2.3).
  var authority: String {
    guard isDefaultPort else { return "\(endpoint)" }
    return endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
  }
}
