internal import Synchronization

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
    direct: Bool = false, events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> Outcome {
    let (a, b) = (try Volume.open(first, side: .source), try Volume.open(second, side: .target))
    var options = CopyOptions()
    options.threads = threads
    try options.check()
    let common = min(a.size, b.size)
    let work = ComparisonWork(a, b, 0..<common, calls, limits, direct: direct)
    var difference = try work.run(options.threadCount, events)
    if difference == nil && b.size != a.size {
      difference =
        b.size < a.size
        ? common..<a.size : try zeroTail(b, common..<b.size, calls, limits, events, direct: direct)
    }
    return Outcome(
      difference: difference.map { Difference(offset: $0.lowerBound, length: $0.length) }, bytes: common,
      zeroTail: max(0, b.size - a.size))
  }

  /// SHA-256 of all of a volume's bytes, in hex.
  package static func sha256(
    of location: VolumeLocation, limits: [RateLimiter] = [], direct: Bool = false,
    events: CopyEvents = CopyEvents(), calls: DiskCalls = .system
  ) throws(CopyError) -> String {
    let volume = try Volume.open(location, side: .source)
    let hash = ImageHash(volume, volume.size, calls, limits: limits, direct: direct)
    return try hash.text(isCancelled: events.isCancelled, tick: tick(volume.size, events))
  }

  /// Tells how many bytes of `total` are done, and ends what was cancelled.
  static func tick(_ total: Int64, _ events: CopyEvents) -> (Int64) throws(CopyError) -> Void {
    let ledger = Ledger()
    return { (done: Int64) throws(CopyError) in
      if events.isCancelled() { throw .cancelled }
      ledger.verified.store(done, ordering: .relaxed)
      events.progress(ledger.progress(.verifying, total: total, resumed: 0))
    }
  }

  static func firstDifference(
    _ first: Volume, _ second: Volume, _ calls: DiskCalls, _ threads: Int
  ) throws(CopyError) -> ByteRange? {
    let work = ComparisonWork(
      first, second, 0..<min(first.size, second.size), calls, [], direct: true)
    return try work.run(threads, CopyEvents())
  }

  /// The first bytes beyond the image that are not zero.
  static func zeroTail(
    _ volume: Volume, _ tail: ByteRange, _ calls: DiskCalls, _ limits: [RateLimiter], _ events: CopyEvents,
    direct: Bool
  ) throws(CopyError) -> ByteRange? {
    guard !tail.isEmpty else { return nil }
    let map = ExtentMap(volume)
    let reader = SegmentReader(volume, map: map, calls: calls, direct: direct)
    let shares = limits.map { RateLimiter.Share($0) }
    // O_DIRECT begins at whole blocks; the image's last bytes before the tail are passed over.
    let request = Int64(CopyLimits.requestBytes)
    let queue = SegmentQueue([tail.lowerBound / request * request..<tail.upperBound], map: map)
    while let work = queue.next() {
      guard case .data(let segment) = work else { continue }
      for window in segment.pieces(of: request) {
        if events.isCancelled() { throw .cancelled }
        guard try reader.fill(window) else { continue }
        for share in shares { share.wait(Int(reader.bytesRead), isStopped: events.isCancelled) }
        reader.bytesRead = 0
        if let range = notZero(reader.bytes(window), of: window, in: tail) { return range }
      }
    }
    return nil
  }

  /// The first bytes of the window that lie in `tail` and are not zero.
  private static func notZero(
    _ bytes: UnsafeRawBufferPointer, of window: ByteRange, in tail: ByteRange
  ) -> ByteRange? {
    let part = window.clamped(to: tail)
    let found = UnsafeRawBufferPointer(rebasing: bytes[Int(part.lowerBound - window.lowerBound)...])
    let zeroes = UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<found.count])
    return ComparisonWork.differing(found, zeroes, in: part)
  }
}
