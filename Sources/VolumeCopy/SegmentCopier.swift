internal import CLinux
private import Glibc
internal import Synchronization

/// One thread of a copy: takes segments until there are none, reads them in windows of one request, writes
/// what is not zero, and hashes on the way.
final class SegmentCopier {
  /// Segments of one thread whose write-back may be under way: enough to keep the device busy, little
  /// enough to stay far below a memory limit.
  private static let windowSegments = 2

  private let run: CopyRun
  private let reader: SegmentReader
  private let hash = SegmentHash()
  /// Zero bytes that the target may not hold yet, gathered so that one call zeroes many granules.
  private var pendingZero: ByteRange = 0..<0
  /// So many of them were read, and have waited for their bandwidth.
  private var paidZero: Int64 = 0
  private var writingBack: [ByteRange] = []

  init(_ run: CopyRun) {
    self.run = run
    reader = SegmentReader(
      run.source, map: run.map, calls: run.calls, skipsBadRanges: run.options.skipsBadRanges)
  }

  func work() throws(CopyError) {
    while let work = run.queue.next() {
      try run.crew.checkRunning()
      switch work {
      case .data(let segment):
        try run.backlog.take(run.crew)
        try copy(segment)
      case .hole(let range): try skip(range)
      }
    }
    try settle(downTo: 0)
  }

  // MARK: - A segment

  private func copy(_ segment: ByteRange) throws(CopyError) {
    if try copyInKernel(segment) { return }
    let wasCached = isCached(segment)
    if !wasCached { reader.announce(segment) }
    for window in segment.pieces(of: Int64(CopyLimits.requestBytes)) {
      try run.crew.checkRunning()
      try copy(window: window)
    }
    try zeroPending()
    run.finish(segment, run.isHashing ? hash.finish() : Sha256.Value())
    // What others had cached stays cached; what only this copy brought in goes.
    if !wasCached { _ = clinux_drop_cache(run.source.descriptor.number, segment.lowerBound, segment.length) }
    try writeBack(segment)
  }

  /// Most of the segment is in the page cache. Not merely some: the readahead of its neighbour reaches into
  /// it.
  private func isCached(_ segment: ByteRange) -> Bool {
    let pages = clinux_cached_pages(run.source.descriptor.number, segment.lowerBound, segment.length)
    return pages > segment.length / Int64(CopyLimits.granuleBytes) / 2
  }

  /// The segment's data by the kernel, range by range; `false`: not possible, read it.
  private func copyInKernel(_ segment: ByteRange) throws(CopyError) -> Bool {
    guard var map = run.map, !run.isHashing else { return false }
    let (source, target) = (run.source.descriptor.number, run.target.descriptor.number)
    var at = segment.lowerBound
    while at < segment.upperBound {
      try run.crew.checkRunning()
      let data = map.data(from: at).clamped(to: at..<segment.upperBound)
      guard !data.isEmpty else { break }
      guard let rung = run.ranges.copy(data, source, target) else { return false }
      if rung == .reflinkRanges {
        run.ledger.reflinked.add(data.length, ordering: .relaxed)
      } else {
        run.ledger.written.add(data.length, ordering: .relaxed)
        run.pace(data.length)
      }
      at = data.upperBound
    }
    run.finish(segment, Sha256.Value())
    run.ledger.finished.add(segment.length, ordering: .relaxed)
    return true
  }

  private func copy(window: ByteRange) throws(CopyError) {
    let holdsData = try reader.fill(window)
    let isFull = run.options.preallocation == .full
    // In full all of the window is written, however little of it was read.
    let moved = isFull && holdsData ? window.length : reader.bytesRead
    if moved > 0 { run.pace(moved) }
    let bytes = reader.bytes(window)
    if holdsData && !isFull {
      try writeData(window, bytes)
    } else if holdsData {
      try write(window, bytes)
    } else {
      try zero(window)
    }
    if run.isHashing { hash.add(window, bytes, isZero: !holdsData) }
    account(window)
  }

  private func account(_ window: ByteRange) {
    run.ledger.read.add(reader.bytesRead, ordering: .relaxed)
    run.ledger.finished.add(window.length, ordering: .relaxed)
    reader.bytesRead = 0
    guard !reader.badRanges.isEmpty else { return }
    run.badRanges.withLock { $0 += reader.badRanges }
    reader.badRanges = []
  }

  /// Writes the runs of granules that hold something.
  private func writeData(_ window: ByteRange, _ bytes: UnsafeRawBufferPointer) throws(CopyError) {
    var at = 0
    while at < bytes.count {
      var isZero = false
      let count = clinux_zero_run(
        bytes.baseAddress! + at, bytes.count - at, CopyLimits.granuleBytes, &isZero)
      let start = window.lowerBound + Int64(at)
      let range = start..<start + Int64(count)
      if isZero {
        try zero(range, isPaid: reader.bytesRead == window.length)
      } else {
        try write(range, UnsafeRawBufferPointer(rebasing: bytes[at..<at + count]))
      }
      at += count
    }
  }

  private func write(_ range: ByteRange, _ bytes: UnsafeRawBufferPointer) throws(CopyError) {
    let kept = run.head?.keep(bytes, at: range.lowerBound) ?? 0
    if kept < bytes.count {
      try run.target.write(
        bytes.baseAddress! + kept, bytes.count - kept, at: range.lowerBound + Int64(kept), run.calls)
    }
    run.ledger.written.add(range.length, ordering: .relaxed)
  }

  // MARK: - Zeroes

  private func zero(_ range: ByteRange, isPaid: Bool = false) throws(CopyError) {
    guard run.options.preallocation != .full else { return try writeZeroes(range) }
    run.ledger.zero.add(range.length, ordering: .relaxed)
    for part in run.dirtyParts(of: range) {
      if part.lowerBound != pendingZero.upperBound { try zeroPending() }
      pendingZero = (pendingZero.isEmpty ? part.lowerBound : pendingZero.lowerBound)..<part.upperBound
      if isPaid { paidZero += part.length }
    }
  }

  private func zeroPending() throws(CopyError) {
    let range = pendingZero
    var paid = paidZero
    (pendingZero, paidZero) = (0..<0, 0)
    // The head was blanked when the copy began.
    let start = max(range.lowerBound, run.head?.range.upperBound ?? 0)
    guard start < range.upperBound else { return }
    try run.zeroer.zero(start..<range.upperBound) { (bytes: Int64) throws(CopyError) in
      let free = min(paid, bytes)
      paid -= free
      try run.admit(bytes - free)
    }
  }

  private func writeZeroes(_ range: ByteRange) throws(CopyError) {
    for piece in range.pieces(of: Int64(Zeroes.bytes.count)) {
      try run.admit(piece.length)
      try write(piece, UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<Int(piece.length)]))
    }
  }

  /// A stretch without data: nothing is read. Where zeroes have to be written it is a segment, and a crash
  /// would cost it like any other.
  private func skip(_ range: ByteRange) throws(CopyError) {
    let isWritten = !run.dirtyParts(of: range).isEmpty
    if isWritten { try run.backlog.take(run.crew) }
    try zero(range)
    try zeroPending()
    run.forest.withLock { $0.insertHole(range) }
    run.ledger.finished.add(range.length, ordering: .relaxed)
    guard isWritten else { return }
    run.backlog.finish()
    try writeBack(range)
  }

  // MARK: - Write-back

  /// Starts write-back at once: waiting for the kernel to begin costs more than anything else a copy does.
  private func writeBack(_ segment: ByteRange) throws(CopyError) {
    // What went past the cache is there already.
    if run.target.direct != nil { return }
    try check(
      run.calls.startWriteback(run.target.descriptor.number, segment.lowerBound, segment.length), segment)
    writingBack.append(segment)
    try settle(downTo: Self.windowSegments)
  }

  /// Waits for the oldest write-backs and drops their pages, so that the cache is not flooded.
  private func settle(downTo count: Int) throws(CopyError) {
    while writingBack.count > count {
      let segment = writingBack.removeFirst()
      let number = run.target.descriptor.number
      try check(run.calls.waitWriteback(number, segment.lowerBound, segment.length), segment)
      _ = clinux_drop_cache(number, segment.lowerBound, segment.length)
    }
  }

  private func check(_ result: Int64, _ segment: ByteRange) throws(CopyError) {
    guard result < 0, result != -Int64(EINTR) else { return }
    throw SystemFault.error(
      "write back", .target, run.target.name, call: "sync_file_range", result: result,
      offset: segment.lowerBound)
  }
}
