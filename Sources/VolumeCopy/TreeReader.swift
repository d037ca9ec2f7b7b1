internal import Synchronization

/// Reads a volume in parallel and makes its tree digest: to verify a target, to check what a checkpoint
/// says, and for people who ask.
final class TreeReader {
  private let volume: Volume
  private let calls: DiskCalls
  private let threads: Int
  private let direct: Bool
  private let trustsHoles: Bool
  private let shares: [RateLimiter.Share]

  /// `direct`: what the storage holds, not what the page cache remembers.
  init(
    _ volume: Volume, calls: DiskCalls, threads: Int, direct: Bool, trustsHoles: Bool = true,
    limits: [RateLimiter] = []
  ) {
    self.volume = volume
    self.calls = calls
    // Past the page cache a thread waits for the storage most of the time: two for each core hash as well.
    self.threads = direct ? min(2 * threads, CopyLimits.mostThreads) : threads
    self.direct = direct
    self.trustsHoles = trustsHoles
    shares = limits.map { RateLimiter.Share($0) }
  }

  /// The digests of the first `length` bytes. `runBytes`: as in `DigestList`; `nil`: as short as it can be.
  func digests(
    _ length: Int64, runBytes: Int64? = nil, tick: (Int64) throws(CopyError) -> Void
  ) throws(CopyError) -> DigestList {
    let run = runBytes ?? DigestList.runBytes(for: length)
    let forest = DigestForest(length: length, isHashing: true, runBytes: run)
    // Every leaf was read by us, so no node is unknown.
    return try read([0..<length], into: forest, tick: tick).list!
  }

  /// The node over an aligned range of an image of `length` bytes.
  func node(
    _ range: ByteRange, of length: Int64, tick: (Int64) throws(CopyError) -> Void
  ) throws(CopyError) -> [UInt8] {
    let forest = DigestForest(length: length, isHashing: true)
    let extents = try read([range], into: forest, tick: tick).extents
    return extents.count == 1 ? extents[0].digest : []
  }

  private func read(
    _ ranges: [ByteRange], into forest: DigestForest, tick: (Int64) throws(CopyError) -> Void
  ) throws(CopyError) -> DigestForest {
    let map = trustsHoles ? ExtentMap(volume) : nil
    let work = Work(volume, SegmentQueue(ranges, map: map), map, forest, self)
    try work.crew.run(threads) { () throws(CopyError) in
      try work.run()
    } tick: { () throws(CopyError) in
      try tick(work.done.load(ordering: .relaxed))
    }
    return work.forest.withLock { $0 }
  }

  /// What the threads share.
  private final class Work: Sendable {
    let crew = Crew()
    let done = Atomic<Int64>(0)
    let forest: Mutex<DigestForest>
    private let queue: SegmentQueue
    private let volume: Volume
    private let map: ExtentMap?
    private let calls: DiskCalls
    private let direct: Bool
    private let shares: [RateLimiter.Share]

    init(
      _ volume: Volume, _ queue: SegmentQueue, _ map: ExtentMap?, _ forest: DigestForest, _ owner: TreeReader
    ) {
      self.volume = volume
      self.queue = queue
      self.map = map
      self.forest = Mutex(forest)
      calls = owner.calls
      direct = owner.direct
      shares = owner.shares
    }

    func run() throws(CopyError) {
      let reader = SegmentReader(volume, map: map, calls: calls, direct: direct)
      let hash = SegmentHash()
      while let work = queue.next() {
        try crew.checkRunning()
        switch work {
        case .hole(let range):
          forest.withLock { $0.insertHole(range) }
          done.add(range.length, ordering: .relaxed)
        case .data(let segment):
          try add(segment, reader, hash)
          forest.withLock { $0.insertSegment(segment, hash.finish()) }
        }
      }
    }

    private func add(_ segment: ByteRange, _ reader: SegmentReader, _ hash: SegmentHash) throws(CopyError) {
      for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
        try crew.checkRunning()
        let holdsData = try reader.fill(window)
        for share in shares { share.wait(Int(reader.bytesRead)) { crew.isStopped } }
        reader.bytesRead = 0
        hash.add(window, reader.bytes(window), isZero: !holdsData)
        done.add(window.length, ordering: .relaxed)
      }
    }
  }
}
