internal import Synchronization

/// What has come of a streamed answer and was not read yet: between the loop, which fills it, and one reader.
final class HTTPStreamInbox: Sendable {
  private struct State {
    var head: HTTP1ResponseHead?
    var isHeadRead = false
    var bytes: [UInt8] = []
    var isPaused = false
    var hasEnded = false
    var error: HTTPClientError?
    var waiting: CheckedContinuation<Void, Never>?

    var isReady: Bool { hasEnded || !bytes.isEmpty || (head != nil && !isHeadRead) }
  }
  struct Taken {
    let bytes: [UInt8]
    let error: HTTPClientError?
    /// The connection was told to read no more, and may go on now.
    let mustResume: Bool
  }

  /// Bytes that wait for the reader before the server has to: four of the loop's reads.
  private static let highWater = 1024 * 1024

  private let state = Mutex(State())

  /// Resumes `continuation` when there is something to read, at once if there is.
  func await(_ continuation: CheckedContinuation<Void, Never>) {
    let isReady = state.withLock { state in
      precondition(state.waiting == nil, "a stream has one reader")
      if state.isReady { return true }
      state.waiting = continuation
      return false
    }
    if isReady { continuation.resume() }
  }

  var headOrEnd: Result<HTTP1ResponseHead, HTTPClientError> {
    state.withLock { state in
      state.isHeadRead = true
      if let head = state.head { return .success(head) }
      return .failure(state.error ?? HTTPClientError(.closed, "the answer ended before it began"))
    }
  }

  func take() -> Taken {
    state.withLock { state in
      defer {
        state.bytes = []
        state.isPaused = false
      }
      return Taken(bytes: state.bytes, error: state.error, mustResume: state.isPaused && !state.hasEnded)
    }
  }

  /// Takes in what has come; true when the server must wait for the reader.
  func put(head: HTTP1ResponseHead?, bytes: [UInt8]) -> Bool {
    wake { state in
      if state.head == nil { state.head = head }
      state.bytes += bytes
      state.isPaused = state.bytes.count > Self.highWater
      return state.isPaused
    }
  }

  /// No more will come; nil is the answer's own end. The first end counts.
  func finish(_ error: HTTPClientError?) {
    wake { state in
      guard !state.hasEnded else { return }
      state.hasEnded = true
      state.error = error
    }
  }

  private func wake<Result>(_ change: (inout State) -> Result) -> Result {
    let (result, waiting) = state.withLock { state in
      let result = change(&state)
      guard state.isReady else { return (result, CheckedContinuation<Void, Never>?.none) }
      defer { state.waiting = nil }
      return (result, state.waiting)
    }
    waiting?.resume()
    return result
  }
}
