import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// What the process does about signals: the first SIGTERM or SIGINT lets it leave in order, a second one
/// ends it at once, SIGHUP reads policy and certificate again.
struct Signals {
  /// As a shell reports a process that SIGTERM ended.
  static let impatientCode: Int32 = 128 + SIGTERM

  let group: ServiceGroup
  let logger: Logger
  /// Called before anything ends.
  var leaving: @Sendable () -> Void = {}
  let readAgain: @Sendable () -> Void

  func follow() async {
    var isLeaving = false
    for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) {
      switch signal {
      case .sighup:
        logger.notice("SIGHUP: policy and certificate are read again")
        readAgain()
      default:
        if isLeaving { _exit(Self.impatientCode) }
        isLeaving = true
        logger.notice("leaving: what is in flight is answered", metadata: ["signal": "\(signal)"])
        leaving()
        await group.triggerGracefulShutdown()
      }
    }
  }
}
