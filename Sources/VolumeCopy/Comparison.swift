private import Glibc
private import Synchronization

/// Compares two volumes, or a volume and a digest.
package enum Comparison {
  /// Where two volumes differ first: whole granules, or the end of the shorter one.
  package struct Difference: Sendable, Equatable {
    package let offset: Int64
    package let length: Int64
  }

  /// What was found, and how much was looked at.
  package struct Outcome: Sendable, Equatable {
    /// `nil`: equal.
    package let difference: Difference?
    package let bytes: Int64
    /// The second volume is larger by so many bytes, all of them zero (a Block target larger than its
    /// image).
    package let zeroTail: Int64
  }

  /// Compares byte by byte. A second volume that is larger is equal if the rest of it is zero.
  package static func compare(
    _ first: VolumeLocation, _ second: VolumeLocation, threads: Int? = nil, limits: [RateLimiter] = [],
    events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> Outcome {
    let (a, b) = (try Volume.open(first, side: .source), try Volume.open(second, side: .target))
    var options = CopyOptions()
    options.threads = threads
    try options.check()
    let common = min(a.size, b.size)
    let work = ComparisonWork(a, b, 0..<common, calls, limits)
    var difference = try work.run(options.threadCount, events)
    if difference == nil && b.size != a.size {
      difference = b.size < a.size ? common..<a.size : try zeroTail(b, common..<b.size, calls, events)
    }
    return Outcome(
      difference: difference.map { Difference(offset: $0.lowerBound, length: $0.length) }, bytes: common,
      zeroTail: max(0, b.size - a.size))
  }

  /// The tree digest of a volume.
  package static func digest(
    of location: VolumeLocation, threads: Int? = nil, limits: [RateLimiter] = [], direct: Bool = false,
    events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> TreeDigest {
    let volume = try Volume.open(location, side: .source)
    var options = CopyOptions()
    options.threads = threads
    try options.check()
    let reader = TreeReader(
      volume, calls: calls, threads: options.threadCount, direct: direct, limits: limits)
    let ledger = Ledger()
    return try reader.digest(volume.size) { (done: Int64) throws(CopyError) in
      if events.isCancelled() { throw .cancelled }
      ledger.verified.store(done, ordering: .relaxed)
      events.progress(ledger.progress(.verifying, total: volume.size, resumed: 0))
    }
  }

  static func firstDifference(
    _ first: Volume, _ second: Volume, _ calls: DiskCalls, _ threads: Int
  ) throws(CopyError) -> ByteRange? {
    let work = ComparisonWork(first, second, 0..<min(first.size, second.size), calls, [])
    return try work.run(threads, CopyEvents())
  }

  private static func zeroTail(
    _ volume: Volume, _ tail: ByteRange, _ calls: DiskCalls, _ events: CopyEvents
  ) throws(CopyError) -> ByteRange? {
    let reader = SegmentReader(volume, map: ExtentMap(volume), calls: calls)
    for window in tail.pieces(of: Int64(CopyLimits.requestBytes)) {
      if events.isCancelled() { throw .cancelled }
      guard try reader.fill(window) else { continue }
      let bytes = reader.bytes(window)
      let zeroes = UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<bytes.count])
      if let range = ComparisonWork.differing(bytes, zeroes, in: window) { return range }
    }
    return nil
  }
}

/// The threads of one comparison.
final class ComparisonWork: Sendable {
  private let first: Volume
  private let second: Volume
  private let calls: DiskCalls
  private let queue: SegmentQueue
  private let length: Int64
  private let shares: [RateLimiter.Share]
  private let crew = Crew()
  private let found = Mutex<ByteRange?>(nil)
  private let done = Atomic<Int64>(0)

  init(_ first: Volume, _ second: Volume, _ range: ByteRange, _ calls: DiskCalls, _ limits: [RateLimiter]) {
    self.first = first
    self.second = second
    self.calls = calls
    length = range.length
    queue = SegmentQueue([range], map: nil)
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
    let a = SegmentReader(first, map: ExtentMap(first), calls: calls)
    let b = SegmentReader(second, map: ExtentMap(second), calls: calls)
    while case .data(let segment)? = queue.next() {
      // A difference further down cannot be the first one any more.
      if let earlier = found.withLock({ $0 }), earlier.lowerBound < segment.lowerBound { return }
      for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
        try crew.checkRunning()
        if let range = try difference(window, a, b) {
          found.withLock { old in
            if old.map({ range.lowerBound < $0.lowerBound }) ?? true { old = range }
          }
          break
        }
        done.add(window.length, ordering: .relaxed)
      }
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
