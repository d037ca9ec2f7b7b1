private import Synchronization

/// A bandwidth limit that copies share. Each copy joins with a `Share` and has at most one request waiting,
/// so two copies get half each however many threads they run. The rate may change at any time.
package final class RateLimiter: Sendable {
  private struct State {
    var rate: Int64
    /// Monotonic nanoseconds at which the next request may start.
    var next: Int64 = 0
  }

  /// A sleeper looks around this often: for cancellation, and for a new rate.
  static let slice: Int64 = 50_000_000

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
    private let turn = Mutex(())

    init(_ limiter: RateLimiter) { self.limiter = limiter }

    /// Waits until `bytes` may pass, or until `isStopped`.
    func wait(_ bytes: Int, isStopped: () -> Bool) {
      turn.withLock { _ in
        while let pause = limiter.pause(before: bytes), !isStopped() { Monotonic.sleep(min(pause, slice)) }
      }
    }
  }

  /// Nanoseconds to wait before asking again; `nil`: the bytes were granted.
  private func pause(before bytes: Int) -> Int64? {
    let now = Monotonic.nanoseconds()
    return state.withLock { state in
      guard state.rate > 0 else { return nil }
      if state.next > now { return state.next - now }
      let cost = Int64(Double(bytes) / Double(state.rate) * 1e9)
      state.next = max(state.next, now - Self.slice) + cost
      return nil
    }
  }
}
