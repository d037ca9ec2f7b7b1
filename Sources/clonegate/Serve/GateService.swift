import HTTP
import Logging
import ServiceLifecycle

/// One listener for as long as the process serves. Asked to leave, it first goes on for `delay`, then stops
/// accepting and answers what is in flight.
struct GateService: Service, CustomStringConvertible {
  /// An API server waits ten seconds for a webhook unless it was told otherwise; what is in flight gets
  /// that and a little.
  static let drainLimit = Duration.seconds(12)

  let name: String
  let server: HTTPServer
  let logger: Logger
  /// How long it still accepts after it was asked to leave: until whoever sends requests has heard of it.
  var delay = Duration.zero
  /// Called before the delay begins.
  let willDrain: @Sendable () -> Void

  /// How the log names it.
  var description: String { "listener \(name)" }

  func run() async throws {
    try? await gracefulShutdown()
    willDrain()
    if delay > .zero { await server.retire(for: delay) }
    let cut = await server.drain(within: Self.drainLimit)
    if cut > 0 {
      logger.warning("connections were cut off", metadata: ["listener": "\(name)", "connections": "\(cut)"])
    }
  }
}
