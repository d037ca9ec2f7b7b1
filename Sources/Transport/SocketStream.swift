internal import CLinux
import Glibc

/// What one attempt to read gave. "Not now" is a state, not an error.
enum ReadOutcome {
  case bytes(Int)
  case notNow
  case finished
  case failed(CloseReason)
}

/// What one attempt to write gave.
enum WriteOutcome {
  case wrote(Int)
  case notNow
  case failed(CloseReason)
}

/// A connected, non-blocking stream socket; owns its descriptor.
///
/// Remembers a short read: on an edge-triggered socket it means that the kernel has no more, so the next
/// read needs no system call (epoll(7), question 9). A hang-up forbids that short cut, since the end itself
/// must be read.
final class SocketStream {
  private(set) var descriptor: Int32
  private var isDrained = false
  private var hasHungUp = false
  private(set) var sawEnd = false
  /// The errno that ended the stream, or 0.
  private(set) var failure: Int32 = 0

  init(owning descriptor: Int32) { self.descriptor = descriptor }
  deinit { release() }

  /// Closes the descriptor now, whoever still holds this object.
  func release() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Hands the descriptor to a new owner.
  func surrender() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  /// Takes in what epoll reported.
  func note(_ events: UInt32) {
    if events & clinux_readable != 0 { isDrained = false }
    if events & clinux_hangup != 0 { hasHungUp = true }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    if isDrained, !hasHungUp { return .notNow }
    while true {
      let count = recv(descriptor, buffer.baseAddress!, buffer.count, 0)
      if count > 0 {
        isDrained = count < buffer.count
        return .bytes(count)
      }
      if count == 0 {
        sawEnd = true
        return .finished
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .notNow
      default: return .failed(fail(errno))
      }
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    while true {
      // MSG_NOSIGNAL: a peer that has left must be an error here, not a SIGPIPE for the process.
      let count = send(descriptor, bytes.baseAddress!, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .wrote(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .notNow
      default: return .failed(fail(errno))
      }
    }
  }

  /// Says that we will send no more.
  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The outcome of a connect that was in progress; 0 is success.
  var connectError: Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
  }

  private func fail(_ number: Int32) -> CloseReason {
    failure = number
    return .failed(describe(errno: number))
  }
}
