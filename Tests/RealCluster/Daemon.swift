import Foundation

/// A program in the background that dies with this process, however this process ends: a shell beside it
/// waits for the end of a pipe that nobody else holds.
final class Daemon: Sendable {
  private let shell: Process
  private let life: FileHandle

  init(_ path: String, _ arguments: [String], log: String) throws {
    let pipe = Pipe()
    try Data().write(to: URL(filePath: log))
    let output = try FileHandle(forWritingTo: URL(filePath: log))
    shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    let script = "\"$@\" & cat >/dev/null; kill -9 $!; wait $!"
    shell.arguments = ["-c", script, "sh", path] + arguments
    shell.standardInput = pipe.fileHandleForReading
    shell.standardOutput = output
    shell.standardError = output
    life = pipe.fileHandleForWriting
    try shell.run()
  }

  /// SIGKILL; returns when it is gone.
  func kill() {
    try? life.close()
    shell.waitUntilExit()
  }
}
