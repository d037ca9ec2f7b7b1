internal import Synchronization

/// What a crash now would cost: bytes taken up since the last checkpoint. It never exceeds the interval,
/// because the threads wait for a checkpoint that is late; it normally is not, because one is due at half
/// the interval.
final class Backlog: Sendable {
  private let interval: Int64
  private let taken = Atomic<Int64>(0)
  private let finished = Atomic<Int64>(0)
  private let safe = Atomic<Int64>(0)

  /// A waiting thread looks this often, nanoseconds.
  private static let pause: Int64 = 1_000_000

  init(interval: Int64) { self.interval = interval }

  /// Waits until one more segment may be taken up.
  func take(_ crew: Crew) throws(CopyError) {
    let segment = CopyLimits.segmentBytes
    // The segment with a device's head is in no checkpoint but the last: one more is left out for it.
    let limit = interval - segment
    while taken.add(segment, ordering: .relaxed).newValue - safe.load(ordering: .relaxed) > limit {
      taken.subtract(segment, ordering: .relaxed)
      try crew.checkRunning()
      Monotonic.sleep(Self.pause)
    }
  }

  /// A segment that was taken up is booked.
  func finish() { finished.add(CopyLimits.segmentBytes, ordering: .releasing) }

  var isCheckpointDue: Bool {
    taken.load(ordering: .relaxed) - safe.load(ordering: .relaxed) >= interval / 2 && hasNews
  }

  /// Something was finished that no checkpoint holds.
  var hasNews: Bool { booked > safe.load(ordering: .relaxed) }

  /// Read before the ranges of a checkpoint are taken down: it can only be less than what they hold.
  var booked: Int64 { finished.load(ordering: .acquiring) }

  /// A checkpoint was told that holds at least `booked`.
  func secure(_ booked: Int64) { safe.store(booked, ordering: .relaxed) }
}
