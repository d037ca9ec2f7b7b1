import Glibc
import Synchronization

/// Whole lines to a person: answers on standard output, complaints on standard error. Written to the
/// descriptors, because `stdout` and `stderr` are mutable globals that Swift 6 does not let us touch.
enum Console {
  /// The `errno` of the first answer that could not be written; 0 while none was lost.
  private static let lost = Atomic<Int32>(0)

  static func out(_ text: String) {
    guard let code = write(text, to: STDOUT_FILENO) else { return }
    _ = lost.compareExchange(expected: 0, desired: code, ordering: .relaxed)
  }

  static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Fails if an answer did not reach standard output: on a full disk it would be lost with exit code 0.
  static func finish() throws(CommandFailure) {
    let code = lost.load(ordering: .relaxed)
    guard code != 0 else { return }
    throw .failed(
      "the command has done its work, but its answer could not be written to standard output: "
        + SystemError.text(code))
  }

  /// True when standard output is a terminal, so that a bar or colours make sense.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// - Returns: the `errno` of a write that failed.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var bytes = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return errno }
      bytes = bytes.dropFirst(written)
    }
    return nil
  }
}
