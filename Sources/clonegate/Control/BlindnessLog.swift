import Logging
import Synchronization

/// Tells that the leader cannot act because of something that it does not know: at most a line a minute,
/// however many clones wait for it.
final class BlindnessLog: Sendable {
  static let interval = Duration.seconds(60)

  private let logger: Logger
  private let next = Mutex<ContinuousClock.Instant?>(nil)

  init(_ logger: Logger) { self.logger = logger }

  /// - Parameter problems: what is not known, or not heard of for too long.
  func tell(_ problems: [String], at now: ContinuousClock.Instant = .now) {
    guard !problems.isEmpty, isTurn(at: now) else { return }
    logger.warning(
      "leading, but nothing new is begun", metadata: ["why": "\(problems.joined(separator: "; "))"])
  }

  func isTurn(at now: ContinuousClock.Instant) -> Bool {
    next.withLock { next in
      if let moment = next, now < moment { return false }
      next = now + Self.interval
      return true
    }
  }
}
