import ServiceLifecycle

/// The worker's loop beside the services of the process. It ends when it is told to leave; ended sooner, with
/// an error or without one, it takes the process with it: orders that nobody carries out are not taken.
struct NodeWorker: Service, CustomStringConvertible {
  /// Blocks, on a thread of its own, until `stop`.
  let work: @Sendable () throws -> Void
  let stop: @Sendable () -> Void

  /// How the log names it.
  var description: String { "worker" }

  func run() async throws {
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await WorkCommand.onOwnThread(work)
    } onCancelOrGracefulShutdown: {
      stop()
    }
  }
}
