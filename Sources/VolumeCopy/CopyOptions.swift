/// What the target's blocks should be when the copy ends.
package enum Preallocation: String, Sendable, CaseIterable {
  /// Sparse: only data takes space.
  case off
  /// Every block reserved, zero runs as unwritten extents (`fallocate`).
  case unwritten
  /// Every block written, zeroes included.
  case full
}

/// How the copy is proven.
package enum Verification: String, Sendable, CaseIterable {
  /// No digest: the kernel may copy by itself (`copy_file_range`).
  case off
  /// The tree digest of what was read. A whole-file reflink reads nothing and therefore has none.
  case digest
  /// The digest, and the target read back past the page cache and compared with it.
  case read
}

/// Everything a caller may ask of a copy. Sizes are bytes.
package struct CopyOptions: Sendable {
  /// Names the partial file and nothing else: the same key finds the same partial again. `nil`: a copy by
  /// hand.
  package var key: String?
  package var preallocation = Preallocation.off
  /// A preallocation that the target cannot do becomes a line in the report instead of an error before byte
  /// 1.
  package var allowsPreallocationDowngrade = false
  package var verification = Verification.digest
  /// Gather a `DigestList`; a whole-file reflink is then read once for it. Needs a verification that is not
  /// `.off`.
  package var listsDigests = false
  /// SHA-256 of the whole image too, for comparison with other tools. One more pass over the source, single
  /// file.
  package var wholeImageSHA256 = false
  /// Copy threads, 1...64. `nil`: one for each processor, at most `CopyLimits.defaultThreads`; half as many
  /// again when a device is copied with a digest.
  package var threads: Int?
  /// Bandwidth limits that this copy shares with others (a worker's, a device's).
  package var limits: [RateLimiter] = []
  /// A checkpoint falls due when this many bytes were copied since the last one.
  package var checkpointInterval = CopyLimits.checkpointInterval
  /// What the cluster says the volumes hold (capacity). Measured values always win; a lie is named in the
  /// error.
  package var declaredSourceBytes: Int64?
  package var declaredTargetBytes: Int64?
  /// A file system that could not hold the whole image if it were full is refused, not only one that lacks
  /// room for its data.
  package var mustHoldWholeImage = false
  /// The target is this copy's alone, so that the partials of copies by other keys, whose journal is lost,
  /// are nobody's: they are removed before the first byte.
  package var removesOtherPartials = false
  /// Reflink is tried unless this is off (to force a real copy).
  package var allowsReflink = true
  /// Holes are taken from the file system; `false` reads everything (a file system that reports holes
  /// wrongly).
  package var trustsHoles = true
  /// Ranges that cannot be read become zeroes in the target and are listed in the report.
  package var skipsBadRanges = false

  package init() {}
}

/// Every bound of the copy engine, with its reason.
package enum CopyLimits {
  /// One read or write. 256 KiB stays in a core's second-level cache, and was best in the C probe of the
  /// design; this engine was not swept over other sizes.
  package static let requestBytes = 256 << 10
  /// The unit of work of a thread, and the smallest range that a checkpoint can name.
  package static let segmentBytes: Int64 = 4 << 20
  /// Zeroes are found in units of one page: the block size of common file systems.
  package static let granuleBytes = 4 << 10
  /// Bytes that a killed copy may have to copy again (the product's promise).
  package static let checkpointInterval: Int64 = 256 << 20
  /// A slow copy makes a checkpoint at least this often, so that an hour is never lost to 255 MiB.
  package static let checkpointSeconds: Int64 = 30
  /// The number that the design's probe used, not swept here; each costs its buffer and write-back window.
  package static let defaultThreads = 4
  package static let mostThreads = 64
}
