/// What a document may cost before it is refused. Crossing one is an error, never a truncation.
package struct JSONLimits: Sendable, Hashable {
  /// Bytes of the document. The largest object that the API server stores is 1.5 MiB (etcd's request limit)
  /// and its own limit on a request body is 3 MiB; a review holds the object twice (new and old) and a little
  /// around it.
  package static let defaultMaxBytes = 7 << 20
  /// Containers within containers. Real reviews nest to about 20; managedFields follow the object's depth.
  /// The decoder of the API server stops at 10,000, but whatever walks a tree by recursion must be safe on a
  /// small stack.
  package static let defaultMaxDepth = 128
  /// Values in the document. A slot of the tape is 16 bytes, so that 7 MiB of `[0,0,0]` cannot become 60 MiB.
  package static let defaultMaxValues = 500_000

  package var maxBytes: Int
  package var maxDepth: Int
  package var maxValues: Int

  package init(
    maxBytes: Int = JSONLimits.defaultMaxBytes, maxDepth: Int = JSONLimits.defaultMaxDepth,
    maxValues: Int = JSONLimits.defaultMaxValues
  ) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
    self.maxValues = maxValues
  }

  /// For bytes that this program wrote itself. Offsets are kept in 32 bits, which is the only bound left.
  static let own = JSONLimits(maxBytes: .max, maxDepth: .max, maxValues: .max)
  /// What a 32-bit offset can name.
  static let addressable = Int(UInt32.max) - 1
}
