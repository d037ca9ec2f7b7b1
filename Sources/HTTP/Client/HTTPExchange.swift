internal import Synchronization

/// One request on its way and the task that waits for its answer. Ends once; later ends are ignored.
final class HTTPExchange: Sendable {
  enum Outcome: Sendable {
    case response(HTTPResponse)
    /// No answer. It may be sent again when no byte of an answer had come.
    case lost(HTTPClientError, mayRepeat: Bool)
  }

  private enum State {
    case begun
    case awaited(CheckedContinuation<Outcome, Never>)
    case ended(Outcome)
    case delivered
  }

  let request: HTTPRequest
  let deadline: ContinuousClock.Instant
  private let state = Mutex(State.begun)

  init(_ request: HTTPRequest, deadline: ContinuousClock.Instant) {
    self.request = request
    self.deadline = deadline
  }

  var isOver: Bool {
    state.withLock { state in
      switch state {
      case .begun, .awaited: false
      case .ended, .delivered: true
      }
    }
  }

  func await(_ continuation: CheckedContinuation<Outcome, Never>) {
    let outcome: Outcome? = state.withLock { state in
      guard case .ended(let outcome) = state else {
        state = .awaited(continuation)
        return nil
      }
      state = .delivered
      return outcome
    }
    if let outcome { continuation.resume(returning: outcome) }
  }

  func finish(_ outcome: Outcome) {
    let waiting: CheckedContinuation<Outcome, Never>? = state.withLock { state in
      switch state {
      case .begun:
        state = .ended(outcome)
        return nil
      case .awaited(let continuation):
        state = .delivered
        return continuation
      case .ended, .delivered: return nil
      }
    }
    waiting?.resume(returning: outcome)
  }
}
