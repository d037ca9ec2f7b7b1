internal import CLinux

/// The digest of one segment, fed window by window. One per thread.
final class SegmentHash {
  typealias Value = Sha256.Value

  private let hash = TreeHash()
  private var leaves: [Value] = []

  /// Adds the leaves of a window. `zero` true: it is known to hold zeroes only, and `bytes` are not looked
  /// at.
  func add(_ window: ByteRange, _ bytes: UnsafeRawBufferPointer, isZero: Bool) {
    var at = 0
    let count = Int(window.length)
    while at < count {
      let length = min(TreeDigest.leafBytes, count - at)
      leaves.append(leaf(UnsafeRawBufferPointer(rebasing: bytes[at..<at + length]), isZero: isZero))
      at += length
    }
  }

  private func leaf(_ bytes: UnsafeRawBufferPointer, isZero: Bool) -> Value {
    var zero = isZero
    if !isZero {
      let run = clinux_zero_run(bytes.baseAddress, bytes.count, CopyLimits.granuleBytes, &zero)
      zero = zero && run == bytes.count
    }
    guard zero else { return hash.leaf(bytes) }
    return bytes.count == TreeDigest.leafBytes ? TreeHash.zeroes[0] : hash.leaf(Self.zeroes(bytes.count))
  }

  /// The node over everything added since the last call.
  func finish() -> Value {
    let value = hash.fold(&leaves)
    leaves.removeAll(keepingCapacity: true)
    return value
  }

  /// The node of a short last leaf of zeroes.
  func zeroLeaf(_ count: Int) -> Value { hash.leaf(Self.zeroes(count)) }

  private static func zeroes(_ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: Zeroes.bytes[..<count])
  }
}

/// One request of zeroes, shared by everyone who has to write or hash some.
enum Zeroes {
  // Never written after it was made, which protects it.
  nonisolated(unsafe) static let bytes: UnsafeRawBufferPointer = {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: CopyLimits.requestBytes, alignment: CopyLimits.granuleBytes)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    return UnsafeRawBufferPointer(memory)
  }()
}

extension DigestForest {
  /// The top once every leaf is there; an empty image has one empty leaf.
  var whole: Value { top ?? SegmentHash().zeroLeaf(0) }

  /// Adds whole segments of zeroes, or the zero end of the image.
  mutating func insertHole(_ range: ByteRange) {
    let unit = Int64(TreeDigest.leafBytes)
    insertZeroes(leaves: range.lowerBound / unit..<range.upperBound / unit)
    let rest = Int(range.upperBound % unit)
    guard rest > 0 else { return }
    insert(level: 0, index: range.upperBound / unit, SegmentHash().zeroLeaf(rest))
  }

  /// Adds the node of one segment.
  mutating func insertSegment(_ range: ByteRange, _ value: Value) {
    let level = Int(CopyLimits.segmentBytes / Int64(TreeDigest.leafBytes)).trailingZeroBitCount
    insert(level: level, index: range.lowerBound / CopyLimits.segmentBytes, value)
  }
}
