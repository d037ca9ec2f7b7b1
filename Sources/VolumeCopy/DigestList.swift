/// The digest of an image with its places: one tree node for each run of leaves. Every run begins at a
/// multiple of its length, a power of two, so that the nodes are those of the tree itself and fold to the
/// same digest. As text, one line for each run, so that `diff` on two lists shows where two images differ:
///
///     clonegate digests 1
///     digest tree-sha256:...
///     length 9437184
///     run 4194304
///     0 <64 hexadecimal digits: the node over the bytes 0 ..< 4194304>
///     4194304 <the next one>
///     8388608 <the last one ends with the image>
package struct DigestList: Sendable, Equatable {
  /// What the nodes fold to.
  package let digest: TreeDigest
  /// Bytes of the image.
  package let length: Int64
  /// Bytes of a run: a power of two, at least `CopyLimits.segmentBytes`.
  package let runBytes: Int64
  let nodes: [Sha256.Value]

  /// Runs in a list. A list of that many takes 2 MiB of memory, and covers 256 GiB by the shortest runs.
  static let mostRuns = 1 << 16

  /// `nodes`: as many as `runs(of:by:)` says.
  init(length: Int64, runBytes: Int64, nodes: [Sha256.Value]) {
    let hash = TreeHash()
    var leaves = nodes
    digest = TreeDigest(top: hash.fold(&leaves), length: length)
    self.length = length
    self.runBytes = runBytes
    self.nodes = nodes
  }

  /// The shortest runs that make no more than `mostRuns` of an image.
  static func runBytes(for length: Int64) -> Int64 {
    var run = CopyLimits.segmentBytes
    while runs(of: length, by: run) > mostRuns { run *= 2 }
    return run
  }

  /// An empty image has one run too, as it has one leaf.
  static func runs(of length: Int64, by run: Int64) -> Int64 { length > 0 ? (length - 1) / run + 1 : 1 }

  /// Where a run lies.
  func range(_ run: Int) -> ByteRange {
    let start = Int64(run) * runBytes
    return start..<start + min(runBytes, length - start)
  }
}

/// The nodes of one level of a tree, kept although the tree merges them.
struct DigestRow: Sendable {
  private let level: Int
  private var nodes: [Sha256.Value]
  private var missing: Int

  init(length: Int64, runBytes: Int64) {
    level = (runBytes / Int64(TreeDigest.leafBytes)).trailingZeroBitCount
    missing = Int(DigestList.runs(of: length, by: runBytes))
    nodes = [Sha256.Value](repeating: Sha256.Value(), count: missing)
  }

  private var runBytes: Int64 { Int64(TreeDigest.leafBytes) << level }

  /// Every node of this level passes here once.
  mutating func keep(_ value: Sha256.Value, level: Int, index: Int64) {
    guard level == self.level else { return }
    nodes[Int(index)] = value
    missing -= 1
  }

  /// A node that enters the tree above this level: only of zeroes it is known what lies below.
  mutating func keepBelow(_ value: Sha256.Value, level: Int, index: Int64) {
    guard level > self.level, value == TreeHash.zeroes[level] else { return }
    let count = 1 << (level - self.level)
    let first = Int(index) * count
    for run in first..<first + count { nodes[run] = TreeHash.zeroes[self.level] }
    missing -= count
  }

  /// The list, or `nil` if a node is not known. An image of one run ends below this level: its run is `top`.
  func list(length: Int64, top: Sha256.Value) -> DigestList? {
    if nodes.count == 1 { return DigestList(length: length, runBytes: runBytes, nodes: [top]) }
    return missing == 0 ? DigestList(length: length, runBytes: runBytes, nodes: nodes) : nil
  }
}
