import Glibc

/// An open directory: its entries are reached from it by name, never through a link.
final class Directory: Sendable {
  private let descriptor: Int32
  private let path: String

  convenience init(_ path: String) throws(VolumeStoreError) { try self.init(at: AT_FDCWD, path, path) }

  private init(at parent: Int32, _ name: String, _ path: String) throws(VolumeStoreError) {
    self.path = path
    descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw VolumeStoreError("open the directory", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

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
