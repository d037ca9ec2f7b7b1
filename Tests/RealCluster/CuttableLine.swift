import Foundation
import Glibc
import Synchronization

/// A TCP relay on loopback in front of a server, which can be cut as a network is cut: so that nobody hears
/// of it, or with a reset. Blocking sockets on threads of its own: it must go on whatever the program under
/// test does with its loops.
package final class CuttableLine: Sendable {
  package enum State: Sendable {
    case whole
    /// Connections stay, and nothing passes; new ones are taken and hear nothing.
    case silent
    /// Every connection is reset, new ones too.
    case reset
  }

  private struct Refused: Error { let call: String, number: Int32 }

  package let port: UInt16
  private let server: UInt16
  private let listener: Int32
  private let now = Mutex(State.whole)

  /// What a relay looks after between two looks at its state.
  private static let look = Int32(10)

  package var state: State {
    get { now.withLock { $0 } }
    set { now.withLock { $0 = newValue } }
  }

  package init(to server: UInt16) throws {
    self.server = server
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Refused(call: "socket", number: errno) }
    guard Self.onLoopback(0, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 128) == 0 else {
      defer { close(descriptor) }
      throw Refused(call: "bind", number: errno)
    }
    var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    listener = descriptor
    port = UInt16(bigEndian: address.sin_port)
    Self.thread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        Self.thread { self.relay(client) }
      }
    }
  }

  /// Resets what is open, and listens no more.
  package func stop() {
    state = .reset
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func relay(_ client: Int32) {
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { for end in [client, upstream] { close(end) } }
    guard Self.onLoopback(server, { connect(upstream, $0, $1) }) == 0 else { return }
    while true {
      switch state {
      case .whole: guard pass(client, upstream) else { return }
      case .silent: poll(nil, 0, Self.look)
      case .reset:
        for end in [client, upstream] {
          var at = linger(l_onoff: 1, l_linger: 0)
          setsockopt(end, SOL_SOCKET, SO_LINGER, &at, socklen_t(MemoryLayout<linger>.size))
        }
        return
      }
    }
  }

  /// Hands on what has come from either end; false when one of them has closed.
  private func pass(_ client: Int32, _ upstream: Int32) -> Bool {
    var ends = [client, upstream].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&ends, 2, Self.look) > 0 else { return true }
    // What came while the line was cut stays where it is.
    guard state == .whole else { return true }
    for (index, end) in ends.enumerated() where end.revents != 0 {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(end.fd, &bytes, bytes.count, 0)
      let other = ends[1 - index].fd
      guard count > 0, send(other, bytes, count, Int32(MSG_NOSIGNAL)) == count else { return false }
    }
    return true
  }

  private static func onLoopback(
    _ port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func thread(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread(body)
  }
}
