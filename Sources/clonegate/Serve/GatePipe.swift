import Foundation
import Glibc
import SystemPackage

/// A pipe between gate and worker that carries nothing: the gate holds one end for as long as it lives, so
/// the worker learns of its death, whatever it died of, from the end of its standard input.
/// (PR_SET_PDEATHSIG would tell of the death of a thread, and the gate's threads come and go.)
struct GatePipe {
  /// The worker's end, to be its standard input.
  let forWorker: FileDescriptor
  private let held: FileDescriptor

  init() throws {
    (forWorker, held) = try FileDescriptor.pipe()
    // Held by nobody else: a copy in another child would keep the worker from noticing.
    for end in [forWorker, held] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
  }

  /// The worker that has the other end leaves.
  func close() { try? held.close() }

  /// In the worker: ends the process as SIGTERM would once the gate is gone.
  static func followGate() {
    let thread = Thread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
      }
      kill(getpid(), SIGTERM)
    }
    thread.name = "gate-pipe"
    thread.start()
  }
}
