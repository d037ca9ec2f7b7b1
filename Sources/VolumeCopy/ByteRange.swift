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
  func pieces(of size: Int64) -> [ByteRange] {
    var pieces: [ByteRange] = []
    var start = lowerBound
    while start < upperBound {
      let end = Swift.min(upperBound, (start / size + 1) * size)
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }

  var length: Int64 { upperBound - lowerBound }
}

extension FinishedExtent {
  var range: ByteRange { offset..<offset + length }
}
