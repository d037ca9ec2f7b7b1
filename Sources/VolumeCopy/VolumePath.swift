internal import CLinux
private import Glibc

/// Where to open a volume from: the directory that holds it, opened, and one name in it (or a device's
/// path).
struct VolumePath {
  let kind: VolumeLocation.Kind
  let directory: Descriptor?
  var name: String
  /// What messages call it.
  let text: String
  /// The name is looked up beneath the directory and passes no link.
  var isConfined: Bool { directory != nil }

  init(_ location: VolumeLocation, side: CopySide) throws(CopyError) {
    kind = location.kind
    text = location.description
    if location.kind == .device && location.root == nil {
      directory = nil
      name = Self.realDevice(location.path)
      return
    }
    let (parent, last) = Self.split(location)
    name = last
    guard !last.isEmpty, last != ".", last != "..", !last.contains("/") else {
      throw CopyError(
        .notAVolume, side: side, message: "\(side.rawValue) \(location.path) does not name a volume",
        remedy: "end the path with the name of a file, a device or a directory")
    }
    directory = try Self.open(parent, beneath: location.root, side: side)
  }

  /// Device names are often links (`/dev/mapper/..`, `/dev/disk/by-id/..`). They are trusted only beneath
  /// `/dev`, where only the administrator makes them.
  private static func realDevice(_ path: String) -> String {
    guard path.hasPrefix("/dev/"), let real = realpath(path, nil) else { return path }
    defer { free(real) }
    let resolved = String(cString: real)
    return resolved.hasPrefix("/dev/") ? resolved : path
  }

  private static func split(_ location: VolumeLocation) -> (parent: String, name: String) {
    if location.kind == .directory { return (location.path, VolumeLocation.imageName) }
    guard let slash = location.path.lastIndex(of: "/") else { return (".", location.path) }
    let parent = slash == location.path.startIndex ? "/" : String(location.path[..<slash])
    return (parent, String(location.path[location.path.index(after: slash)...]))
  }

  private static func open(
    _ path: String, beneath root: String?, side: CopySide
  ) throws(CopyError) -> Descriptor {
    func checked(_ result: Int32, _ path: String) throws(CopyError) -> Descriptor {
      guard result >= 0 else {
        throw SystemFault.error("open the directory of", side, path, call: "openat2", result: Int64(result))
      }
      return Descriptor(result)
    }
    let how = Int32.how(CLINUX_READ, CLINUX_DIRECTORY)
    guard let root else { return try checked(clinux_open(-1, path, how, false), path) }
    let base = try checked(clinux_open(-1, root, how, false), root)
    let relative = path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    return try checked(clinux_open(base.number, relative, how, true), path)
  }
}
