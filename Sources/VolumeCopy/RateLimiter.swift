private import Synchronization

/// A bandwidth limit that copies share. Each copy joins with a `Share` and has at most one request waiting,
/// so two copies get half each however many threads they run. The rate may change at any time.
package final class RateLimiter: Sendable {
  private struct State {
    var rate: Int64
    /// Monotonic nanoseconds at which the next request may start.
    var next: Int64 = 0
    /// Who waits, first come first served.
    var queue: [ObjectIdentifier] = []
  }

  /// A sleeper looks around this often: for cancellation, and for a new rate.
  static let slice: Int64 = 50_000_000
  /// Who is not first in the queue looks this often.
  private static let behind: Int64 = 1_000_000

  private let state: Mutex<State>

  /// `bytesPerSecond` 0 or less: no limit.
  package init(bytesPerSecond: Int64) { state = Mutex(State(rate: bytesPerSecond)) }

  package var bytesPerSecond: Int64 {
    get { state.withLock { $0.rate } }
    set {
      state.withLock {
        $0.rate = newValue
        $0.next = 0
      }
    }
  }

  /// A copy's place in the queue.
  final class Share: Sendable {
    private let limiter: RateLimiter
    /// Of the threads of one copy only one queues.
    private let turn = Mutex(())

    init(_ limiter: RateLimiter) { self.limiter = limiter }

    /// Waits until `bytes` may pass, or until `isStopped`.
    func wait(_ bytes: Int, isStopped: () -> Bool) {
      turn.withLock { _ in
        limiter.join(self)
        while let pause = limiter.pause(before: bytes, self) {
          if isStopped() { return limiter.leave(self) }
          Monotonic.sleep(pause)
        }
      }
    }
  }

  private func join(_ share: Share) { state.withLock { $0.queue.append(ObjectIdentifier(share)) } }

  private func leave(_ share: Share) {
    state.withLock { $0.queue.removeAll { $0 == ObjectIdentifier(share) } }
  }

  /// Nanoseconds to wait before asking again; `nil`: the bytes were granted, and the place in the queue is
  /// given up.
  private func pause(before bytes: Int, _ share: Share) -> Int64? {
    let now = Monotonic.nanoseconds()
    return state.withLock { state in
      if state.rate > 0 {
        guard state.queue.first == ObjectIdentifier(share) else { return Self.behind }
        guard state.next <= now else { return min(state.next - now, Self.slice) }
        let cost = Int64(Double(bytes) / Double(state.rate) * 1e9)
        state.next = max(state.next, now - Self.slice) + cost
      }
      state.queue.removeAll { $0 == ObjectIdentifier(share) }
      return nil
    }
  }
}
