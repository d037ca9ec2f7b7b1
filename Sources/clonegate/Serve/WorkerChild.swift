import Foundation
import Logging
import ServiceLifecycle
import Subprocess
import Synchronization
import SystemPackage
import Telemetry

/// Keeps one `clonegate work` running beside the gate: starts it again when it dies, and ends it with the
/// gate.
final class WorkerChild: Service, Sendable {
  /// Before the first new start; doubled each time, because what killed one worker may kill the next.
  static let firstPause = Duration.milliseconds(200)
  static let longestPause = Duration.seconds(10)
  /// A worker that ran as long as this died of something new.
  static let steadyAfter = Duration.seconds(30)
  /// From SIGTERM to SIGKILL: time to flush and to record the last checkpoint.
  static let patience = Duration.seconds(10)

  struct State: Sendable {
    var isRunning = false
    var restarts = 0
    /// How the last one ended; nil while the first one runs.
    var ending: String?
    /// The gate goes, so that a worker that ends is not missed.
    var isLeaving = false
  }

  private let arguments: [String]
  private let logger: Logger
  private let current = Mutex(State())

  init(options: ServeOptions, data: String, logger: Logger) {
    arguments = ["work", "--data", data, "--log-format", options.log.logFormat.rawValue, "--follow-gate"]
    self.logger = logger
  }

  var state: State { current.withLock { $0 } }

  /// A worker that ends from now on ended with the gate: Ctrl-C signals both, and what stops a unit may, too.
  func leaving() { current.withLock { $0.isLeaving = true } }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var pause = Self.firstPause
      while !Task.isCancelled {
        let start = ContinuousClock.now
        let ending = await self.runOnce()
        // One signal to both may reach the worker first.
        try? await Task.sleep(for: Self.firstPause)
        guard !Task.isCancelled else { return }
        guard !self.ended(ending) else { return await Self.untilCancelled() }
        if ContinuousClock.now - start >= Self.steadyAfter { pause = Self.firstPause }
        self.logger.error(
          "the worker ended; it is started again",
          metadata: ["ending": "\(ending)", "pauseSeconds": "\(pause / .seconds(1))"])
        try? await Task.sleep(for: pause - Self.firstPause)
        pause = min(pause * 2, Self.longestPause)
      }
    }
  }

  /// Notes how a worker ended; true when the gate ends as well.
  private func ended(_ ending: String) -> Bool {
    current.withLock { state in
      state.isRunning = false
      state.ending = ending
      if !state.isLeaving { state.restarts += 1 }
      return state.isLeaving
    }
  }

  /// A service that returned before its turn would end all others at once.
  private static func untilCancelled() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
  }

  /// Runs one worker until it ends, or ends it when this task is cancelled. Returns how it ended.
  private func runOnce() async -> String {
    do {
      let pipe = try GatePipe()
      defer { pipe.close() }
      current.withLock { $0.isRunning = true }
      let result = try await Subprocess.run(
        configuration, input: .fileDescriptor(pipe.forWorker, closeAfterSpawningProcess: true),
        output: .currentStandardError, error: .currentStandardError)
      return "\(result.terminationStatus)"
    } catch {
      return "it could not be started: \(error)"
    }
  }

  private var configuration: Configuration {
    var platform = PlatformOptions()
    platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.patience)]
    return Configuration(
      executable: .path(FilePath(Self.ownPath)),
      arguments: Arguments(executablePathOverride: "clonegate", remainingValues: arguments),
      platformOptions: platform)
  }

  /// The file that this process runs: by its name, so that lists of processes show it; by the kernel's own
  /// link once another file was installed under that name.
  private static let ownPath: String = {
    let link = "/proc/self/exe"
    guard let name = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
      FileManager.default.isExecutableFile(atPath: name)
    else { return link }
    return name
  }()
}
