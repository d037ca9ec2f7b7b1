/// What a finished copy did, for the record and the log.
package struct CopyReport: Sendable, Equatable {
  /// The rungs of the ladder, fastest first.
  package enum Strategy: String, Sendable {
    case reflink, reflinkRanges = "reflink-ranges", copyFileRange = "copy_file_range", threads
    /// The journal's last checkpoint held everything: nothing was left to copy.
    case nothing
  }

  /// A strategy that was not used, and why.
  package struct Skipped: Sendable, Equatable {
    package let strategy: Strategy
    package let reason: String
  }

  /// A range of the image, in bytes.
  package struct Range: Sendable, Equatable {
    package let offset: Int64
    package let length: Int64
  }

  /// How the target's blocks stand, measured with `st_blocks` and the extent map.
  package struct Allocation: Sendable, Equatable {
    package var requested = Preallocation.off
    /// `nil` where it cannot be measured (a block device).
    package var achieved: Preallocation?
    package var allocatedBytes: Int64 = 0
    /// Of those, reserved but not yet written.
    package var unwrittenBytes: Int64 = 0
  }

  package var strategy = Strategy.threads
  package var skipped: [Skipped] = []
  package var progress = CopyProgress()
  package var allocation = Allocation()
  /// `TreeDigest` text of what was read; `nil` after a reflink, which reads nothing, or with `.off`.
  package var digest: String?
  /// The digest by runs, if asked for and every run was read by this very call.
  package var digests: DigestList?
  /// SHA-256 of the whole image in hex, if asked for.
  package var sha256: String?
  /// The target was read back and equals the digest.
  package var verifiedByReading = false
  /// Ranges that could not be read and are zero in the target; empty unless skipping was asked for.
  package var badRanges: [Range] = []
  /// Things an operator should know: a range that could not be punched, a lease that could not be taken.
  package var notes: [String] = []
  package var seconds: Double = 0

  package init() {}
}
