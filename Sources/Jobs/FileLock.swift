import Glibc

/// A lock on a file that the kernel gives back when its holder dies, however it dies.
struct FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, waiting at most so many seconds.
  static func take(_ path: String, waiting seconds: Double) throws(JournalError) -> FileLock {
    let descriptor = open(path, O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_RDWR, 0o600)
    guard descriptor >= 0 else {
      throw JournalError(
        errno == ELOOP ? .unsafe : .io, "cannot open \(path)", cause: String(cString: strerror(errno)))
    }
    let deadline = MachineClock.uptimeMilliseconds() + Int64(seconds * 1000)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let trouble = errno
      guard trouble == EWOULDBLOCK || trouble == EINTR, MachineClock.uptimeMilliseconds() < deadline else {
        close(descriptor)
        throw JournalError(.busy, "another process holds \(path)", cause: String(cString: strerror(trouble)))
      }
      usleep(5_000)
    }
    return FileLock(descriptor: descriptor)
  }

  func release() { close(descriptor) }
}
