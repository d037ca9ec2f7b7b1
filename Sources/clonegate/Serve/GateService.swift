import HTTP
import Logging
import ServiceLifecycle

/// One listener for as long as the process serves. Asked to leave, it stops accepting and answers what is
/// in flight.
struct GateService: Service, CustomStringConvertible {
  /// An API server waits ten seconds for a webhook unless it was told otherwise; what is in flight gets
  /// that and a little.
  static let drainLimit = Duration.seconds(12)

  let name: String
  let server: HTTPServer
  let logger: Logger
  /// Called before the draining begins.
  let willDrain: @Sendable () -> Void

  /// How the log names it.
  var description: String { "listener \(name)" }

  func run() async throws {
    try? await gracefulShutdown()
    willDrain()
    let cut = await server.drain(within: Self.drainLimit)
    if cut > 0 {
      logger.warning("connections were cut off", metadata: ["listener": "\(name)", "connections": "\(cut)"])
    }
  }
}
