import CLinux
import Glibc

/// An open directory: its entries are reached from it by name, never through a link.
final class Directory: Sendable {
  private let descriptor: Int32
  private let path: String

  /// - Parameter root: what the path must not leave; no link on the way is followed then.
  init(_ path: String, beneath root: String? = nil) throws(VolumeStoreError) {
    self.path = path
    guard let root else {
      descriptor = try Self.open(AT_FDCWD, path, path)
      return
    }
    let base = try Self.open(AT_FDCWD, root, root)
    defer { close(base) }
    let result = clinux_open(base, Self.relative(path, to: root), Self.reading, true)
    // For the error's text, which reads it.
    if result < 0 { errno = -result }
    guard result >= 0 else { throw VolumeStoreError("open the directory", path) }
    descriptor = result
  }

  private init(at parent: Int32, _ name: String, _ path: String) throws(VolumeStoreError) {
    self.path = path
    descriptor = try Self.open(parent, name, path)
  }

  deinit { close(descriptor) }

  private static let reading = Int32(CLINUX_READ.rawValue | CLINUX_DIRECTORY.rawValue)

  private static func open(_ parent: Int32, _ name: String, _ path: String) throws(VolumeStoreError) -> Int32
  {
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw VolumeStoreError("open the directory", path) }
    return descriptor
  }

  /// What is not beneath the root stays absolute, and the kernel refuses it.
  private static func relative(_ path: String, to root: String) -> String {
    let prefix = root == "/" ? "/" : root + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  func has(_ name: String) -> Bool {
    var found = stat()
    return fstatat(descriptor, name, &found, AT_SYMLINK_NOFOLLOW) == 0
  }

  func directory(_ name: String) throws(VolumeStoreError) -> Directory {
    try Directory(at: descriptor, name, "\(path)/\(name)")
  }

  func makeDirectory(_ name: String) throws(VolumeStoreError) -> Directory {
    if mkdirat(descriptor, name, 0o700) != 0 && errno != EEXIST {
      throw VolumeStoreError("make", "\(path)/\(name)")
    }
    return try directory(name)
  }

  /// Leaves one that is not empty.
  func removeDirectory(_ name: String) throws(VolumeStoreError) {
    guard unlinkat(descriptor, name, AT_REMOVEDIR) != 0 else { return try flush() }
    guard [ENOENT, ENOTEMPTY, EEXIST].contains(errno) else {
      throw VolumeStoreError("remove", "\(path)/\(name)")
    }
  }

  /// Removes the name, not what it might point at.
  func removeFile(_ name: String) throws(VolumeStoreError) {
    guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else {
      throw VolumeStoreError("remove", "\(path)/\(name)")
    }
  }

  func flush() throws(VolumeStoreError) {
    guard fsync(descriptor) == 0 else { throw VolumeStoreError("flush", path) }
  }

  func names() throws(VolumeStoreError) -> [String] {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else { throw VolumeStoreError("list", path) }
    defer { closedir(stream) }
    rewinddir(stream)
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
