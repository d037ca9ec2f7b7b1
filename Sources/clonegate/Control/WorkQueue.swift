import Synchronization

/// Keys that something is to be done about, and the workers that do it: several at a time, one for each key.
final class WorkQueue<Key: Hashable & Sendable>: Sendable {
  private struct State {
    var core: WorkQueueCore<Key>
    var isClosed = false
    /// Workers that have nothing to do.
    var idle: [CheckedContinuation<Void, Never>] = []
    var looks = 0
  }

  private let state: Mutex<State>

  init(pace: RetryPace = RetryPace()) { state = Mutex(State(core: WorkQueueCore(pace: pace))) }

  /// Keys that wait, and keys that are worked on.
  var depth: (waiting: Int, working: Int) {
    state.withLock { ($0.core.waiting, $0.core.working) }
  }

  /// How often workers have looked for work so far: an idle queue's do not.
  var looks: Int { state.withLock { $0.looks } }

  /// To be looked at as soon as a worker is free.
  func add(_ keys: some Sequence<Key>) {
    let now = ContinuousClock.now
    wake { state in for key in keys { state.core.add(key, due: now) } }
  }

  /// No key is handed out any more.
  func close() { wake { $0.isClosed = true } }

  /// Works until the queue is closed or the task is cancelled.
  /// - Parameters:
  ///   - workers: at a time; at least 1.
  ///   - work: not called for one key twice at a time.
  func run(workers: Int, _ work: @escaping @Sendable (Key) async -> WorkQueueCore<Key>.Outcome) async {
    await withDiscardingTaskGroup { group in
      for _ in 0..<workers {
        group.addTask {
          while let key = await self.next() {
            let outcome = await work(key)
            self.wake {
              $0.core.finished(key, outcome, at: .now, random: Double.random(in: 0..<1))
            }
          }
        }
      }
    }
  }

  private func next() async -> Key? {
    while !Task.isCancelled {
      let next: WorkQueueCore<Key>.Next? = state.withLock { state in
        state.looks += 1
        return state.isClosed ? nil : state.core.next(at: .now)
      }
      switch next {
      case .key(let key): return key
      case .nothing(let until): await rest(until: until)
      case nil: return nil
      }
    }
    return nil
  }

  /// Until something is added, the time has come, or the task is cancelled.
  private func rest(until end: ContinuousClock.Instant?) async {
    let alarm = end.map { end in
      Task {
        do { try await Task.sleep(until: end, clock: .continuous) } catch { return }
        // Only a moment that came wakes: one that was called off would wake workers that call off theirs.
        self.wake { _ in }
      }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          // What came between the look and now must not be slept through.
          if Task.isCancelled || state.isClosed || state.core.hasDue(at: .now) { return true }
          state.idle.append(continuation)
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      wake { _ in }
    }
    alarm?.cancel()
  }

  /// Changes the state and lets every worker look again.
  private func wake(_ change: (inout State) -> Void) {
    let idle = state.withLock { state in
      change(&state)
      defer { state.idle = [] }
      return state.idle
    }
    for continuation in idle { continuation.resume() }
  }
}
