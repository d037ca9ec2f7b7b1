/// The finished ranges of an image and the tree nodes over them. Neighbours merge as soon as both are
/// there, so that it stays small however large the image is, and ends as the single top.
struct DigestForest: Sendable {
  typealias Value = Sha256.Value

  private struct Place: Hashable {
    let level: Int
    let index: Int64
  }

  private let length: Int64
  private let leaves: Int64
  private let isHashing: Bool
  private var nodes: [Place: Value] = [:]
  private var row: DigestRow?

  /// `isHashing` false: only the ranges are kept. `runBytes`: the nodes over runs of that length are kept for
  /// a list.
  init(length: Int64, isHashing: Bool, runBytes: Int64? = nil) {
    self.length = length
    self.isHashing = isHashing
    row = isHashing ? runBytes.map { DigestRow(length: length, runBytes: $0) } : nil
    leaves = max(1, (length - 1) / Int64(TreeDigest.leafBytes) + 1)
  }

  /// Adds the node over the leaves `index << level ..< (index + 1) << level` (as far as there are any).
  mutating func insert(level: Int, index: Int64, _ value: Value) {
    var (level, index, value) = (level, index, value)
    row?.keepBelow(value, level: level, index: index)
    row?.keep(value, level: level, index: index)
    while level < 63, !(index == 0 && 1 << level >= leaves) {
      let sibling = Place(level: level, index: index ^ 1)
      if index & 1 == 0, (index + 1) << level >= leaves {
        // No neighbour: it goes up unchanged.
      } else if let other = nodes.removeValue(forKey: sibling) {
        value = joined(index & 1 == 0 ? (value, other) : (other, value), level)
      } else {
        break
      }
      index >>= 1
      level += 1
      row?.keep(value, level: level, index: index)
    }
    nodes[Place(level: level, index: index)] = value
  }

  private func joined(_ pair: (Value, Value), _ level: Int) -> Value {
    guard isHashing else { return pair.0 }
    let zero = TreeHash.zeroes[level]
    return pair.0 == zero && pair.1 == zero ? TreeHash.zeroes[level + 1] : TreeHash().node(pair.0, pair.1)
  }

  /// Adds full leaves of zeroes.
  mutating func insertZeroes(leaves range: Range<Int64>) {
    var start = range.lowerBound
    while start < range.upperBound {
      var level = start == 0 ? 47 : min(47, start.trailingZeroBitCount)
      while start + 1 << level > range.upperBound { level -= 1 }
      insert(level: level, index: start >> level, TreeHash.zeroes[level])
      start += 1 << level
    }
  }

  /// The top node, once every leaf is there.
  var top: Value? {
    guard nodes.count == 1, let (place, value) = nodes.first else { return nil }
    return place.index == 0 && 1 << place.level >= leaves ? value : nil
  }

  /// The list that was asked for, once every leaf is there. `nil` also when a range was restored as one node.
  var list: DigestList? { row?.list(length: length, top: whole) }

  /// The finished ranges in order.
  var extents: [FinishedExtent] {
    nodes.map { place, value in
      let unit = Int64(TreeDigest.leafBytes)
      let offset = place.index << place.level * unit
      let span = min(unit << place.level, length - offset)
      return FinishedExtent(offset: offset, length: span, digest: isHashing ? value.bytes : [])
    }.sorted { $0.offset < $1.offset }
  }

  /// Puts a stored range back; `false` if it does not fit this image.
  mutating func restore(_ extent: FinishedExtent) -> Bool {
    let unit = Int64(TreeDigest.leafBytes)
    let segment = CopyLimits.segmentBytes
    guard extent.offset >= 0, extent.length > 0, extent.length <= length,
      extent.offset <= length - extent.length,
      extent.offset % segment == 0,
      extent.length % segment == 0 || extent.offset + extent.length == length,
      !isHashing || extent.digest.count == 32
    else { return false }
    let first = extent.offset / unit
    let count = (extent.length + unit - 1) / unit
    var level = 0
    while 1 << level < count { level += 1 }
    guard first & ((1 << level) - 1) == 0, count == 1 << level || first + count == leaves else {
      return false
    }
    insert(level: level, index: first >> level, Value(bytes: extent.digest) ?? Value())
    return true
  }
}
