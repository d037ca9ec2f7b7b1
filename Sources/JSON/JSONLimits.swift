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
  /// What is not looked at.
  package var passedOver: JSONPassedOver

  package init(
    maxBytes: Int = JSONLimits.defaultMaxBytes, maxDepth: Int = JSONLimits.defaultMaxDepth,
    maxValues: Int = JSONLimits.defaultMaxValues, passedOver: JSONPassedOver = []
  ) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
    self.maxValues = maxValues
    self.passedOver = passedOver
  }

  /// For bytes that this program wrote itself. Offsets are kept in 32 bits, which is the only bound left.
  package static let own = JSONLimits(maxBytes: .max, maxDepth: .max, maxValues: .max)
  /// What a 32-bit offset can name.
  static let addressable = Int(UInt32.max) - 1
}

/// Parts of a document that nobody reads. Containers that are passed over count for nothing but their bytes,
/// may hold anything that has ends, and read as null.
package struct JSONPassedOver: OptionSet, Sendable, Hashable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// `metadata.managedFields`: Kubernetes' own bookkeeping, in which an API server keeps whatever a user
  /// sends it, thousands of levels deep and in bytes that are no UTF-8.
  package static let managedFields = Self(rawValue: 1)
  /// Arrays and objects below `maxDepth`.
  package static let depths = Self(rawValue: 2)
  /// Members whose name a later one of the same object bears: the last is the one that is there, as Go has
  /// it. The others are read and counted, and are then no part of the document. Without this a name that is
  /// given twice is refused, as it has to be where people or reviews are answered: two readers of one text
  /// must not see two things.
  package static let repeatedNames = Self(rawValue: 4)
}
