import Foundation
import Glibc

/// Keeps the input of the run in a file, so that it is there when the process dies of it.
final class InputKeeper {
  /// For one input. The slowest takes some milliseconds; a debug build on a loaded machine a hundred times
  /// that.
  private static let secondsPerInput: UInt32 = 20
  /// What the signal handler prints: made before, since a handler may neither allocate nor lock.
  // Unsafe because a signal handler can only reach a global: it is set while no run is on, and never freed.
  private nonisolated(unsafe) static var lastWords: (text: UnsafePointer<CChar>, count: Int)?

  let path: String
  private let descriptor: Int32

  init(target: String) throws {
    path = NSTemporaryDirectory() + "clonegate-fuzz-\(target)-\(getpid()).input"
    descriptor = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw BrokenRule("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    let words = "\nFuzz: \(target) crashed or hung; the input is kept: Fuzz \(target) --replay \(path)\n"
    Self.lastWords = strdup(words).map { (UnsafePointer($0), strlen($0)) }
    Self.installHandler()
  }

  private static let fatal = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM]
  /// Enough for one write; a stack of its own, because a run may have used up the thread's.
  private static let handlerStackBytes = 64 << 10

  private static func installHandler() {
    var stack = stack_t()
    stack.ss_sp = .allocate(byteCount: handlerStackBytes, alignment: 16)  // for as long as the process lives
    stack.ss_size = handlerStackBytes
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_ONSTACK
    for signal in fatal { sigaction(signal, &action, nil) }
  }

  private static let handler: @convention(c) (Int32) -> Void = { number in
    if let words = InputKeeper.lastWords { _ = write(2, words.text, words.count) }
    signal(number, SIG_DFL)
    raise(number)
  }

  func guarded(_ input: [UInt8], _ run: ([UInt8]) throws -> String) throws -> String {
    guard ftruncate(descriptor, input.count) == 0, pwrite(descriptor, input, input.count, 0) == input.count
    else {
      throw BrokenRule("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    alarm(Self.secondsPerInput)
    defer { alarm(0) }
    do { return try run(input) } catch {
      throw BrokenRule("\(error); the input is kept: --replay \(path)")
    }
  }

  /// Nothing broke: the file goes, and later crashes are somebody else's.
  func finish() {
    for signal in Self.fatal { Glibc.signal(signal, SIG_DFL) }
    close(descriptor)
    unlink(path)
  }
}
