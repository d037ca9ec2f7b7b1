internal import CLinux
private import Glibc

/// Where a volume holds data, as far as its file system can say: asked step by step, never fetched whole.
struct ExtentMap {
  private let descriptor: Descriptor
  private let length: Int64
  /// The last answer: data begins here and ends there.
  private var known: ByteRange = 0..<0

  /// Where the volume begins in the file that is asked.
  private let base: Int64

  /// `nil`: the volume cannot tell, so every byte has to be read.
  init?(_ volume: Volume) {
    guard let (file, base) = Self.file(behind: volume) else { return nil }
    let result = clinux_next_data(file.number, 0)
    guard result >= 0 || result == -Int64(ENXIO) else { return nil }
    descriptor = file
    self.base = base
    length = volume.size
  }

  /// The file to ask: the volume itself, or what a loop device lies on. A device has no SEEK_DATA of its
  /// own, but the holes of its file read as zero; what is still in the device's cache is flushed into the
  /// file first.
  private static func file(behind volume: Volume) -> (Descriptor, Int64)? {
    guard volume.isBlock else { return (volume.descriptor, 0) }
    var facts = clinux_loop()
    guard clinux_loop_facts(volume.descriptor.number, &facts) == 0,
      let path = BlockDevice(number: volume.identity.represents).backingPath,
      clinux_flush(volume.descriptor.number) == 0
    else { return nil }
    let opened = clinux_open(-1, path, .how(CLINUX_READ), false)
    guard opened >= 0 else { return nil }
    let file = Descriptor(opened)
    // The path may have been given to another file since.
    guard let identity = file.identity(), identity.device == facts.device, identity.inode == facts.inode
    else {
      return nil
    }
    return (file, Int64(facts.offset))
  }

  /// The first stretch of data at or after `offset`; empty at the end of the volume if there is none.
  mutating func data(from offset: Int64) -> ByteRange {
    if known.contains(offset) { return offset..<known.upperBound }
    if offset < known.lowerBound && offset >= holeStart { return known }
    holeStart = offset
    let found = clinux_next_data(descriptor.number, offset + base)
    // Only ENXIO says that nothing follows. What cannot be looked up is read, so that the read says why.
    guard found >= 0 || found == -Int64(ENXIO) else { return remember(offset..<length) }
    let start = found - base
    guard start >= 0, start < length else { return remember(length..<length) }
    let end = clinux_next_hole(descriptor.number, start + base) - base
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
