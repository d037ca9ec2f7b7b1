import Foundation
import Testing

/// `clonegate work` as a process of its own, to be killed.
struct WorkerProcess {
  private let process = Process()

  /// The binary that was built beside the tests.
  static var binary: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "clonegate")
  }

  init(data: String, _ options: String...) throws {
    process.executableURL = Self.binary
    process.arguments = ["work", "--data", data] + options
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// SIGKILL: no handler runs, nothing is flushed.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "the worker ended by itself")
  }

  /// SIGTERM: returns the exit code.
  func end() -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
