/// A range of a volume, in bytes.
typealias ByteRange = Range<Int64>

extension ByteRange {
  /// What is left of the range when `taken` (in order, not overlapping) is cut out.
  func without(_ taken: [ByteRange]) -> [ByteRange] {
    var rest: [ByteRange] = []
    var start = lowerBound
    for range in taken where range.upperBound > start {
      if range.lowerBound > start { rest.append(start..<Swift.min(range.lowerBound, upperBound)) }
      start = Swift.max(start, range.upperBound)
    }
    if start < upperBound { rest.append(start..<upperBound) }
    return rest
  }

  /// Neighbours become one. `ranges` are in order and do not overlap.
  static func joined(_ ranges: [ByteRange]) -> [ByteRange] {
    ranges.reduce(into: []) { joined, range in
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
  }

  /// The range in pieces of at most `size`, cut at multiples of `size`.
  func pieces(of size: Int64) -> RangePieces { RangePieces(rest: self, size: size) }

  /// The first of them. No number beyond the range's end is made: that may be the largest there is.
  func firstPiece(of size: Int64) -> ByteRange {
    lowerBound..<lowerBound + Swift.min(length, size - lowerBound % size)
  }

  var length: Int64 { upperBound - lowerBound }
}

/// Made one at a time: a disk may have more pieces than fit into memory.
struct RangePieces: Sequence, IteratorProtocol {
  fileprivate var rest: ByteRange
  fileprivate let size: Int64

  mutating func next() -> ByteRange? {
    guard !rest.isEmpty else { return nil }
    let piece = rest.firstPiece(of: size)
    rest = piece.upperBound..<rest.upperBound
    return piece
  }
}

extension FinishedExtent {
  var range: ByteRange { offset..<offset + length }
}
