internal import CLinux
private import Glibc

/// Reads a volume window by window into a buffer of its own: data from the volume, holes as zeroes. One per
/// thread.
final class SegmentReader {
  let volume: Volume
  private let calls: DiskCalls
  private var descriptor: Descriptor
  private let buffer: PageBuffer
  private var map: ExtentMap?
  private let skipsBadRanges: Bool
  private var isDirect: Bool
  /// The way past the cache was refused: what the cache holds is dropped before it is read instead.
  private var dropsCache = false
  /// What a request past the cache must begin at a multiple of, and be as long as one: whole pages, and
  /// whole blocks of a device whose blocks are larger.
  private let block: Int64
  /// Bytes that came from the volume, and ranges that could not be read; the owner takes and clears them.
  var bytesRead: Int64 = 0
  var badRanges: [ByteRange] = []

  /// `direct`: past the page cache where the volume can.
  init(
    _ volume: Volume, map: ExtentMap?, calls: DiskCalls, skipsBadRanges: Bool = false, direct: Bool = false
  ) {
    self.volume = volume
    self.map = map
    self.calls = calls
    self.skipsBadRanges = skipsBadRanges
    isDirect = direct
    block = max(Int64(CopyLimits.granuleBytes), volume.alignment)
    buffer = PageBuffer(CopyLimits.requestBytes, alignment: Int(block))
    descriptor = volume.descriptor.privately(direct: direct)
    if !direct { _ = clinux_sequential(descriptor.number) }
  }

  /// The bytes of the last window.
  func bytes(_ window: ByteRange) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer.bytes[..<Int(window.length)])
  }

  /// Asks the kernel for a segment with holes before it is read: reads that jump over holes look random to
  /// its readahead. Data without holes is better left to it.
  func announce(_ segment: ByteRange) {
    guard let data = map?.data(from: segment.lowerBound), data.lowerBound < segment.upperBound,
      data.lowerBound > segment.lowerBound || data.upperBound < segment.upperBound
    else { return }
    _ = clinux_will_need(descriptor.number, data.lowerBound, segment.upperBound - data.lowerBound)
  }

  /// Fills the buffer with `window`, at most one request long; `false` (and an untouched buffer): it is a
  /// hole.
  func fill(_ window: ByteRange) throws(CopyError) -> Bool {
    var at = window.lowerBound
    var holdsData = false
    while at < window.upperBound {
      let data = nextRead(from: at, in: window)
      guard !data.isEmpty else { break }
      if data.lowerBound > at { clear(at..<data.lowerBound, in: window) }
      try read(data, in: window)
      holdsData = true
      at = data.upperBound
    }
    if holdsData && at < window.upperBound { clear(at..<window.upperBound, in: window) }
    return holdsData
  }

  /// What one call should read next. Past the page cache a call waits for the storage, and the kernel sends
  /// what lies between holes together: one call reads on to the window's end, holes and all. Data need not
  /// begin with a block of a device that begins somewhere in its file.
  private func nextRead(from offset: Int64, in window: ByteRange) -> ByteRange {
    let rest = offset..<window.upperBound
    guard let data = map?.data(from: offset).clamped(to: rest) else { return rest }
    guard isDirect, !data.isEmpty else { return data }
    return max(offset, data.lowerBound / block * block)..<rest.upperBound
  }

  /// The volume's hole that covers the whole of `range`, or not.
  func isHole(_ range: ByteRange) -> Bool {
    map.map { map in
      var map = map
      return map.data(from: range.lowerBound).lowerBound >= range.upperBound
    } ?? false
  }

  private func address(_ offset: Int64, in window: ByteRange) -> UnsafeMutableRawPointer {
    buffer.bytes.baseAddress! + Int(offset - window.lowerBound)
  }

  private func clear(_ range: ByteRange, in window: ByteRange) {
    memset(address(range.lowerBound, in: window), 0, Int(range.length))
  }

  private func read(_ range: ByteRange, in window: ByteRange) throws(CopyError) {
    do {
      try readOnce(range, in: window)
    } catch  where skipsBadRanges && error.errno == EIO {
      for granule in range.pieces(of: Int64(CopyLimits.granuleBytes)) {
        do { try readOnce(granule, in: window) } catch  where error.errno == EIO { skip(granule, in: window) }
      }
    }
    bytesRead += range.length
  }

  private func skip(_ granule: ByteRange, in window: ByteRange) {
    clear(granule, in: window)
    if let last = badRanges.last, last.upperBound == granule.lowerBound {
      badRanges[badRanges.count - 1] = last.lowerBound..<granule.upperBound
    } else {
      badRanges.append(granule)
    }
  }

  private func readOnce(_ range: ByteRange, in window: ByteRange) throws(CopyError) {
    var at = range.lowerBound
    while at < range.upperBound {
      if dropsCache { _ = clinux_drop_cache(descriptor.number, at, range.upperBound - at) }
      // O_DIRECT wants whole blocks even at the end of the volume.
      let unit = isDirect ? Int(block) : 1
      let want = (Int(range.upperBound - at) + unit - 1) / unit * unit
      let room = Int(window.lowerBound - at) + buffer.bytes.count
      let result = calls.read(volume.side, descriptor.number, address(at, in: window), min(want, room), at)
      if result == -Int64(EINTR) || (result == -Int64(EINVAL) && goesThroughCache()) { continue }
      guard result != 0 else { throw ended(at) }
      guard result > 0 else {
        throw SystemFault.error("read", volume.side, volume.name, call: "pread", result: result, offset: at)
      }
      at = min(range.upperBound, at + result)
    }
  }

  /// Gives up the way past the cache, which wants something that cannot be known; `false`: it is not used.
  private func goesThroughCache() -> Bool {
    guard isDirect else { return false }
    descriptor = volume.descriptor
    (isDirect, dropsCache) = (false, true)
    return true
  }

  private func ended(_ offset: Int64) -> CopyError {
    CopyError(
      volume.side == .source ? .sourceChanged : .deviceGone, side: volume.side, call: "pread", offset: offset,
      message: "\(volume.side.rawValue) \(volume.name) ends at offset \(offset), before its measured size"
        + " of \(volume.size) bytes",
      remedy: "find out who made it smaller, then run the copy again", retryable: true)
  }
}
