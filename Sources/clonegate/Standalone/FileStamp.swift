import Glibc

/// What `stat` says about a file: enough to see that it was written, replaced or touched, without reading it.
struct FileStamp: Sendable, Hashable {
  let device: UInt64
  let inode: UInt64
  let bytes: Int64
  let modified: Nanoseconds
  /// Set by the kernel at every change, also when a writer puts the old modification time back.
  let changed: Nanoseconds

  /// Since 1970.
  typealias Nanoseconds = Int64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    bytes = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }

  /// Links are followed. Nil when there is no such file or it may not be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
