import HTTP
import Logging
import Synchronization
import Transport

/// Tells of callers that were turned away before they had a review judged: a failed TLS handshake, a
/// malformed request. Anyone who reaches the port can cause these, so the log gets at most one line a
/// minute, which says how many there were since the last; each of them only at level debug. All are counted
/// in the metrics.
final class RefusalLog: Sendable {
  static let interval = Duration.seconds(60)

  private struct State {
    var next: ContinuousClock.Instant?
    var untold = 0
  }

  private let logger: Logger
  private let state = Mutex(State())

  init(_ logger: Logger) { self.logger = logger }

  func happened(_ event: HTTPServerEvent, at now: ContinuousClock.Instant = .now) {
    let untold = turn(at: now)
    var facts = Self.facts(event)
    guard let untold else { return logger.debug("a caller was turned away", metadata: facts) }
    if untold > 0 { facts["moreSinceLastLine"] = .stringConvertible(untold) }
    logger.notice("a caller was turned away", metadata: facts)
  }

  /// How many were kept back if it is time for a line, else nil.
  func turn(at now: ContinuousClock.Instant) -> Int? {
    state.withLock { state in
      if let next = state.next, now < next {
        state.untold += 1
        return nil
      }
      defer { state = State(next: now + Self.interval) }
      return state.untold
    }
  }

  private static func facts(_ event: HTTPServerEvent) -> Logger.Metadata {
    switch event {
    case .connectionRefused(let refusal): ["peer": "\(refusal.peer)", "why": "\(refusal.reason)"]
    case .requestRefused(let refusal, let peer):
      ["peer": "\(peer)", "why": "\(refusal.message)", "status": .stringConvertible(refusal.status)]
    case .cutOff(let why, let peer): ["peer": "\(peer)", "why": "\(why)"]
    }
  }
}
