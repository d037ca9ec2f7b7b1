private import Glibc
internal import Synchronization

/// The threads of one comparison.
final class ComparisonWork: Sendable {
  private let first: Volume
  private let second: Volume
  private let calls: DiskCalls
  private let firstMap: ExtentMap?
  private let secondMap: ExtentMap?
  private let queue: SegmentQueue
  private let length: Int64
  private let direct: Bool
  private let shares: [RateLimiter.Share]
  private let crew = Crew()
  private let found = Mutex<ByteRange?>(nil)
  private let done = Atomic<Int64>(0)

  init(
    _ first: Volume, _ second: Volume, _ range: ByteRange, _ calls: DiskCalls, _ limits: [RateLimiter],
    direct: Bool
  ) {
    self.first = first
    self.direct = direct
    self.second = second
    self.calls = calls
    length = range.length
    let (a, b) = (ExtentMap(first), ExtentMap(second))
    (firstMap, secondMap) = (a, b)
    // What is a hole on both sides is equal: nothing is read.
    queue = SegmentQueue([range], map: b.flatMap { _ in a }, and: b)
    shares = limits.map { RateLimiter.Share($0) }
  }

  /// The first difference, or `nil`.
  func run(_ threads: Int, _ events: CopyEvents) throws(CopyError) -> ByteRange? {
    let ledger = Ledger()
    try crew.run(threads) { () throws(CopyError) in
      try self.work()
    } tick: { () throws(CopyError) in
      if events.isCancelled() { throw .cancelled }
      ledger.verified.store(self.done.load(ordering: .relaxed), ordering: .relaxed)
      events.progress(ledger.progress(.verifying, total: self.length, resumed: 0))
    }
    return found.withLock { $0 }
  }

  private func work() throws(CopyError) {
    let a = SegmentReader(first, map: firstMap, calls: calls, direct: direct)
    let b = SegmentReader(second, map: secondMap, calls: calls, direct: direct)
    while let work = queue.next() {
      switch work {
      case .hole(let range): done.add(range.length, ordering: .relaxed)
      case .data(let segment):
        // A difference further down cannot be the first one any more.
        if let earlier = found.withLock({ $0 }), earlier.lowerBound < segment.lowerBound { return }
        try compare(segment, a, b)
      }
    }
  }

  private func compare(_ segment: ByteRange, _ a: SegmentReader, _ b: SegmentReader) throws(CopyError) {
    for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
      try crew.checkRunning()
      if let range = try difference(window, a, b) { return remember(range) }
      done.add(window.length, ordering: .relaxed)
    }
  }

  /// Keeps the earliest difference.
  private func remember(_ range: ByteRange) {
    found.withLock { old in
      if let earlier = old, earlier.lowerBound < range.lowerBound { return }
      old = range
    }
  }

  private func difference(
    _ window: ByteRange, _ a: SegmentReader, _ b: SegmentReader
  ) throws(CopyError) -> ByteRange? {
    let holds = (try a.fill(window), try b.fill(window))
    for share in shares { share.wait(Int(a.bytesRead + b.bytesRead)) { crew.isStopped } }
    (a.bytesRead, b.bytesRead) = (0, 0)
    guard holds.0 || holds.1 else { return nil }
    let zeroes = UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<Int(window.length)])
    return Self.differing(
      holds.0 ? a.bytes(window) : zeroes, holds.1 ? b.bytes(window) : zeroes, in: window)
  }

  /// The first run of differing granules.
  static func differing(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, in window: ByteRange
  ) -> ByteRange? {
    if memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0 { return nil }
    var range: ByteRange?
    for granule in window.pieces(of: Int64(CopyLimits.granuleBytes)) {
      let at = Int(granule.lowerBound - window.lowerBound)
      let differs = memcmp(a.baseAddress! + at, b.baseAddress! + at, Int(granule.length)) != 0
      if differs {
        range = (range?.lowerBound ?? granule.lowerBound)..<granule.upperBound
      } else if range != nil {
        break
      }
    }
    return range
  }
}
