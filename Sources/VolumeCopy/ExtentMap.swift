internal import CLinux
private import Glibc

/// Where a volume holds data, as far as its file system can say: asked step by step, never fetched whole.
struct ExtentMap {
  private let descriptor: Descriptor
  private let length: Int64
  /// The last answer: data begins here and ends there.
  private var known: ByteRange = 0..<0

  /// `nil`: the volume cannot tell, so every byte has to be read.
  init?(_ volume: Volume) {
    let result = clinux_next_data(volume.descriptor.number, 0)
    guard !volume.isBlock, result >= 0 || result == -Int64(ENXIO) else { return nil }
    descriptor = volume.descriptor
    length = volume.size
  }

  /// The first stretch of data at or after `offset`; empty at the end of the volume if there is none.
  mutating func data(from offset: Int64) -> ByteRange {
    if known.contains(offset) { return offset..<known.upperBound }
    if offset < known.lowerBound && offset >= holeStart { return known }
    holeStart = offset
    let start = clinux_next_data(descriptor.number, offset)
    guard start >= 0, start < length else { return remember(length..<length) }
    let end = clinux_next_hole(descriptor.number, start)
    return remember(start..<min(length, end > start ? end : length))
  }

  /// Everything from here to `known` is a hole.
  private var holeStart: Int64 = 0

  private mutating func remember(_ range: ByteRange) -> ByteRange {
    known = range
    return range
  }

  /// All bytes of data between the volume's ends.
  mutating func sum() -> Int64 {
    var sum: Int64 = 0
    var at: Int64 = 0
    while at < length {
      let data = data(from: at)
      sum += data.length
      at = max(data.upperBound, at + 1)
    }
    return sum
  }
}
