/// Where a volume is. The last step of a path is never followed if it is a symbolic link; with `root`, no
/// step is.
package struct VolumeLocation: Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// A Filesystem volume: a directory that holds `disk.img`.
    case directory
    /// A Block volume. Links that lead to a device beneath `/dev` (or `ROOT/dev`) are resolved first
    /// (`/dev/mapper`, `/dev/disk`).
    case device
    /// A plain file, for copies by hand.
    case file
  }

  package let kind: Kind
  /// Absolute, or relative to `root` if there is one.
  package let path: String
  /// A directory that the path must not leave: opened with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS.
  package let root: String?

  /// The one file of a Filesystem volume (a KubeVirt convention).
  package static let imageName = "disk.img"

  package static func directory(_ path: String, beneath root: String? = nil) -> VolumeLocation {
    VolumeLocation(kind: .directory, path: path, root: root)
  }
  package static func device(_ path: String, beneath root: String? = nil) -> VolumeLocation {
    VolumeLocation(kind: .device, path: path, root: root)
  }
  package static func file(_ path: String, beneath root: String? = nil) -> VolumeLocation {
    VolumeLocation(kind: .file, path: path, root: root)
  }

  /// What an operator reads: the path of the bytes themselves.
  package var description: String {
    let whole = root.map { path.hasPrefix("/") ? path : "\($0)/\(path)" } ?? path
    guard kind == .directory else { return whole }
    return whole.hasSuffix("/") ? whole + Self.imageName : "\(whole)/\(Self.imageName)"
  }
}
