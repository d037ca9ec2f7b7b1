/// What a copy tells its caller. All three are called on the thread that called `Copier.run`, never
/// concurrently.
package struct CopyEvents {
  /// About ten times a second, and once at the end.
  package var progress: (CopyProgress) -> Void
  /// Everything in it is written and flushed. Store it durably; hand the last one to `run(resuming:)` after
  /// a crash.
  package var checkpoint: (CopyCheckpoint) -> Void
  /// Asked about twenty times a second; `true` ends the copy with `CopyError.Code.cancelled`.
  package var isCancelled: () -> Bool

  package init(
    progress: @escaping (CopyProgress) -> Void = { _ in },
    checkpoint: @escaping (CopyCheckpoint) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) {
    self.progress = progress
    self.checkpoint = checkpoint
    self.isCancelled = isCancelled
  }
}

/// Counts of one run, in bytes. A resumed run starts with what its checkpoint had finished in `resumed`.
package struct CopyProgress: Sendable, Equatable {
  package enum Stage: String, Sendable { case preparing, copying, flushing, verifying, done }

  package var stage = Stage.preparing
  /// The size of the image.
  package var total: Int64 = 0
  /// Dealt with so far, by whatever means; equals `total` at the end.
  package var finished: Int64 = 0
  package var read: Int64 = 0
  package var written: Int64 = 0
  /// Known or found to be zero, and not written.
  package var zero: Int64 = 0
  package var reflinked: Int64 = 0
  package var resumed: Int64 = 0
  /// Read back from the target.
  package var verified: Int64 = 0
  /// Bytes a second that were finished lately; 0 until it is known.
  package var rate: Int64 = 0
  /// Seconds left at that rate; `nil` until it is known.
  package var secondsLeft: Int64?

  package init() {}

  /// Bytes a second, 0 if no time went by. A hole takes none to speak of, however large it is.
  package static func rate(_ bytes: Int64, in seconds: Double) -> Int64 {
    seconds > 0 ? Int64(min(Double(bytes) / seconds, 0x1p62)) : 0
  }

  /// 0...100, rounded down: 100 is said only when all is done.
  package var percent: Int {
    guard total > 0 else { return stage == .done ? 100 : 0 }
    let share = Int(Double(finished) / Double(total) * 100)
    return stage == .done ? 100 : min(share, 99)
  }
}
