internal import Glibc
internal import Logging
internal import Synchronization

/// A descriptor that lines go to, whole or not at all.
package final class LogSink: Sendable {
  /// How long one line may wait for a reader that is behind. A request's answer waits as long, so it is
  /// short; after one wait in vain no line waits until the reader is back.
  package static let patienceMilliseconds: Int32 = 20

  private struct State {
    /// Lines that could not be written since the last one that could.
    var lost = 0
    var isStalled = false
  }

  package let format: LogFormat
  private let descriptor: Int32
  private let state = Mutex(State())

  /// The descriptor stays the caller's and must outlive the sink. A process that logs to a pipe ignores
  /// SIGPIPE.
  package init(descriptor: Int32 = 2, format: LogFormat = .json) {
    self.descriptor = descriptor
    self.format = format
  }

  /// Writes one line. A line of up to 4096 bytes to a pipe is never mixed with those of another process.
  package func write(_ line: [UInt8]) {
    state.withLock { state in
      guard isWritable(waiting: state.isStalled ? 0 : Self.patienceMilliseconds) else {
        state.isStalled = true
        state.lost += 1
        return
      }
      state.isStalled = false
      guard state.lost > 0 else { return put(line) }
      put(note(lost: state.lost))
      state.lost = 0
      // The note may have taken the last room.
      if isWritable(waiting: 0) { put(line) } else { state.lost = 1 }
    }
  }

  private func note(lost: Int) -> [UInt8] {
    var note = LogLine(format)
    note.begin(.now, .warning, "log", "\(lost) lines were lost here because nobody read them in time")
    note.field("lost", .stringConvertible(lost))
    note.end()
    return note.bytes
  }

  private func isWritable(waiting milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // An error on the descriptor is "ready" too: the write reports it, and there is nobody to tell.
    return poll(&request, 1, milliseconds) > 0
  }

  /// One call. What a signal interrupts was not written and is tried again; nothing else is worth a second
  /// try.
  private func put(_ line: [UInt8]) {
    line.withUnsafeBytes { bytes in
      while Glibc.write(descriptor, bytes.baseAddress, bytes.count) < 0, errno == EINTR {}
    }
  }
}
