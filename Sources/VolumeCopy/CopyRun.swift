internal import Synchronization

/// All that the threads of one running copy share.
final class CopyRun: Sendable {
  let source: Volume
  let target: Volume
  let options: CopyOptions
  let calls: DiskCalls
  let queue: SegmentQueue
  let zeroer: Zeroer
  let ranges: RangeCopy
  let ledger: Ledger
  let crew = Crew()
  let backlog: Backlog
  let shares: [RateLimiter.Share]
  /// For a block target only.
  let head: HeldHead?
  /// Ranges of the target that must be zeroed to read as zero, in order: what may hold old bytes, or all of
  /// it if every byte shall be written.
  let dirty: [ByteRange]
  let forest: Mutex<DigestForest>
  let badRanges = Mutex<[ByteRange]>([])
  /// The node of the segment that holds the head: finished only once the head is written.
  let heldSegment = Mutex<(range: ByteRange, value: Sha256.Value)?>(nil)
  let map: ExtentMap?

  init(_ prepared: TargetPreparation.Prepared, _ copier: Copier, cloneError: Int32) {
    source = copier.source
    options = copier.options
    calls = copier.calls
    ledger = copier.ledger
    target = prepared.target
    head = prepared.head
    dirty = options.preallocation == .full ? [0..<source.size] : prepared.dirty
    zeroer = prepared.zeroer
    ranges = RangeCopy(copier, prepared.target, cloneError: cloneError)
    map = copier.options.trustsHoles ? ExtentMap(copier.source) : nil
    queue = SegmentQueue(prepared.todo, map: map, written: dirty)
    forest = Mutex(prepared.forest)
    shares = options.limits.map { RateLimiter.Share($0) }
    backlog = Backlog(interval: options.checkpointInterval)
  }

  var isHashing: Bool { options.verification != .off }

  /// The parts of `range` that must be zeroed to read as zero.
  func dirtyParts(of range: ByteRange) -> [ByteRange] {
    dirty.compactMap {
      let part = $0.clamped(to: range)
      return part.isEmpty ? nil : part
    }
  }

  /// Books a segment whose bytes were handed to the kernel.
  func finish(_ segment: ByteRange, _ value: Sha256.Value) {
    if let head, segment.lowerBound < head.range.upperBound {
      heldSegment.withLock { $0 = (segment, value) }
    } else {
      forest.withLock { $0.insertSegment(segment, value) }
    }
    backlog.finish()
  }

  /// Waits for the bandwidth that `bytes` need.
  func pace(_ bytes: Int64) {
    for share in shares { share.wait(Int(bytes)) { crew.isStopped } }
  }

  /// Before zeroes are written: waits for the bandwidth, and ends the thread's work once anyone failed.
  func admit(_ bytes: Int64) throws(CopyError) {
    if bytes > 0 { pace(bytes) }
    try crew.checkRunning()
  }

  /// The node over the whole image, once the threads have finished.
  var top: Sha256.Value { forest.withLock { $0.whole } }

  /// Books the segment that held the head back, now that the head is written.
  func finishHead() {
    guard let held = heldSegment.withLock({ $0 }) else { return }
    forest.withLock { $0.insertSegment(held.range, held.value) }
  }

  /// What could not be read, joined and in order.
  var sortedBadRanges: [CopyReport.Range] {
    let sorted = badRanges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
    return ByteRange.joined(sorted).map { CopyReport.Range(offset: $0.lowerBound, length: $0.length) }
  }
}
