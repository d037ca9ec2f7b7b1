/// A range of the image that is written and flushed: aligned to its own length, a power of two of at least
/// `CopyLimits.segmentBytes` (the last range ends with the image).
package struct FinishedExtent: Sendable, Equatable {
  package let offset: Int64
  package let length: Int64
  /// The subtree digest of the range, 32 bytes; empty when the copy runs without a digest.
  package let digest: [UInt8]

  package init(offset: Int64, length: Int64, digest: [UInt8]) {
    self.offset = offset
    self.length = length
    self.digest = digest
  }
}

/// All that a later run needs to go on: complete each time, and small, because neighbouring ranges are
/// merged.
package struct CopyCheckpoint: Sendable, Equatable {
  /// Size, times and inode of the source when the copy began; a changed source starts the copy anew.
  package let source: String
  /// Which partial file or device holds the ranges; on another one they are read back before they are
  /// believed.
  package let target: String
  package let extents: [FinishedExtent]

  package init(source: String, target: String, extents: [FinishedExtent]) {
    self.source = source
    self.target = target
    self.extents = extents
  }

  /// Whether the `disk.img` of a directory is the file that was copied, under its final name.
  package func isOf(imageIn directory: String, beneath root: String? = nil) -> Bool {
    let location = VolumeLocation.directory(directory, beneath: root)
    let place = try? VolumePath(location, side: .target)
    let image = place.flatMap { try? PartialFile($0, key: nil).published() }
    return image.map { Volume.isSameFile($0.targetIdentity, target) } ?? false
  }

  /// SHA-256 of all of it: what was stored and read again must be what was told.
  package var seal: [UInt8] {
    let ranges = extents.map { "\($0.offset) \($0.length) \(Hexadecimal.text($0.digest))" }
    return Sha256.digest(of: Array(([source, target] + ranges).joined(separator: "\n").utf8))
  }

  /// The same without its ranges. Reading them back would not do: that the target holds a digest at an offset
  /// does not say that the source does.
  package var withoutExtents: CopyCheckpoint { CopyCheckpoint(source: source, target: target, extents: []) }

  package var finishedBytes: Int64 { extents.reduce(0) { $0 &+ $1.length } }
}
