/// SHA-256 over a binary tree, so that it can be made by many threads, in any order, and resumed:
///
///     leaf(i)  = SHA-256(0x00 || bytes i*65536 ..< min((i+1)*65536, length))
///     node     = SHA-256(0x01 || left || right), for two neighbours of one level
///     a last node without a neighbour goes up unchanged; an empty image has one empty leaf
///     digest   = SHA-256(0x02 || length, 8 bytes, big endian || top)
///
/// written as `tree-sha256:` and 64 hexadecimal digits. Leaf, node and root differ in their first byte, so
/// that none can pass for another (as in RFC 6962). Zero leaves are known in advance: holes cost nothing.
package struct TreeDigest: Sendable, Hashable, CustomStringConvertible {
  package static let leafBytes = 64 << 10
  private static let prefix = "tree-sha256:"

  /// 32 bytes.
  package let bytes: [UInt8]

  package var description: String { Self.prefix + Hexadecimal.text(bytes) }

  /// Reads the text form; `nil` if it is something else.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix), let bytes = Hexadecimal.bytes(text.dropFirst(Self.prefix.count)),
      bytes.count == 32
    else { return nil }
    self.bytes = bytes
  }

  init(top: Sha256.Value, length: Int64) {
    let hash = TreeHash()
    bytes = hash.root(top: top, length: length).bytes
  }
}

/// Makes the nodes of a `TreeDigest`. One object per thread.
final class TreeHash {
  typealias Value = Sha256.Value

  private let hash = Sha256()

  func leaf(_ bytes: UnsafeRawBufferPointer) -> Value {
    hash.start()
    hash.add(byte: 0)
    hash.add(bytes)
    return hash.finish()
  }

  func node(_ left: Value, _ right: Value) -> Value {
    hash.start()
    hash.add(byte: 1)
    withUnsafeBytes(of: left) { hash.add($0) }
    withUnsafeBytes(of: right) { hash.add($0) }
    return hash.finish()
  }

  func root(top: Value, length: Int64) -> Value {
    hash.start()
    hash.add(byte: 2)
    withUnsafeBytes(of: UInt64(length).bigEndian) { hash.add($0) }
    withUnsafeBytes(of: top) { hash.add($0) }
    return hash.finish()
  }

  /// Folds neighbouring leaves (which start at an aligned one) into their subtree's node.
  func fold(_ leaves: inout [Value]) -> Value {
    while leaves.count > 1 {
      for pair in 0..<leaves.count / 2 { leaves[pair] = node(leaves[2 * pair], leaves[2 * pair + 1]) }
      if leaves.count % 2 == 1 { leaves[leaves.count / 2] = leaves[leaves.count - 1] }
      leaves.removeLast(leaves.count / 2)
    }
    return leaves[0]
  }

  /// Nodes over full leaves of zeroes, by level.
  static let zeroes: [Value] = {
    let hash = TreeHash()
    let leaf = [UInt8](repeating: 0, count: TreeDigest.leafBytes)
    var levels = [leaf.withUnsafeBytes { hash.leaf($0) }]
    // 2^47 leaves are 8 EiB, more than a file offset can say.
    for _ in 1...47 { levels.append(hash.node(levels.last!, levels.last!)) }
    return levels
  }()
}
