internal import Synchronization

/// What the threads have done so far: counters, because they are touched for every request.
final class Ledger: Sendable {
  let finished = Atomic<Int64>(0)
  let read = Atomic<Int64>(0)
  let written = Atomic<Int64>(0)
  let zero = Atomic<Int64>(0)
  let reflinked = Atomic<Int64>(0)
  let verified = Atomic<Int64>(0)

  /// The rate is that of the last seconds, not of the whole run: a copy that stalls must show it.
  private static let window: Int64 = 3_000_000_000

  private let samples = Mutex<[(time: Int64, bytes: Int64)]>([])

  func progress(_ stage: CopyProgress.Stage, total: Int64, resumed: Int64) -> CopyProgress {
    var progress = CopyProgress()
    progress.stage = stage
    progress.total = total
    progress.resumed = resumed
    progress.finished = resumed + finished.load(ordering: .relaxed)
    progress.read = read.load(ordering: .relaxed)
    progress.written = written.load(ordering: .relaxed)
    progress.zero = zero.load(ordering: .relaxed)
    progress.reflinked = reflinked.load(ordering: .relaxed)
    progress.verified = verified.load(ordering: .relaxed)
    let moved = stage == .verifying ? progress.verified : progress.finished - resumed
    let left = stage == .verifying ? total - moved : total - progress.finished
    progress.rate = rate(moved)
    progress.secondsLeft = progress.rate > 0 ? left / progress.rate : nil
    return progress
  }

  private func rate(_ bytes: Int64) -> Int64 {
    let now = Monotonic.nanoseconds()
    return samples.withLock { samples in
      if let last = samples.last, last.bytes > bytes { samples = [] }
      samples.append((now, bytes))
      while samples.count > 2, samples[0].time < now - Self.window { samples.removeFirst() }
      return CopyProgress.rate(bytes - samples[0].bytes, in: Double(now - samples[0].time) / 1e9)
    }
  }
}
