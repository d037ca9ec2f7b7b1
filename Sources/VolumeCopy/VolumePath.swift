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
      name = Self.realDevice(location.path, in: "/dev/")
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
  private static func realDevice(_ path: String, in devices: String) -> String {
    guard path.hasPrefix(devices), let real = realpath(path, nil) else { return path }
    defer { free(real) }
    let resolved = String(cString: real)
    return resolved.hasPrefix(devices) ? resolved : path
  }

  private static func split(_ location: VolumeLocation) -> (parent: String, name: String) {
    if location.kind == .directory { return (location.path, VolumeLocation.imageName) }
    let root = location.root.map { prefix(of: $0) }
    let path = root.map { realDevice(location.path, in: "\($0)dev/") } ?? location.path
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let parent = slash == path.startIndex ? "/" : String(path[..<slash])
    return (parent, String(path[path.index(after: slash)...]))
  }

  /// A directory, with one slash at its end.
  private static func prefix(of root: String) -> String { root == "/" ? root : root + "/" }

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
    let prefix = prefix(of: root)
    if path == root { return base }
    let relative = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    return try checked(clinux_open(base.number, relative, how, true), path)
  }
}
