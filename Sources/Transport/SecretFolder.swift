import Glibc

/// A directory for certificates and keys. Files appear whole or not at all, with their final mode, and a
/// link with the same name is replaced, never followed.
package final class SecretFolder {
  /// What a file holds decides who may read it.
  package enum Kind: Sendable {
    case key
    case certificate
    var mode: mode_t { self == .key ? 0o600 : 0o644 }
  }
  private let path: String
  private let descriptor: Int32

  /// Opens `path`, which is made if it does not exist. It must be a directory itself, not a link to one.
  package init(path: String) throws(TransportError) {
    self.path = path
    if mkdir(path, 0o755) != 0, errno != EEXIST {
      throw .system("mkdir", errno, "cannot make the directory \(path)", code: .file)
    }
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .system("open", errno, "\(path) is not a directory to use", code: .file)
    }
  }
  deinit { close(descriptor) }

  /// Whether anything has this name, a broken link too.
  package func contains(_ name: String) -> Bool {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  package func write(_ bytes: [UInt8], to name: String, as kind: Kind) throws(TransportError) {
    let draft = ".\(name).\(UInt64.random(in: .min ... .max))"
    let file = openat(descriptor, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kind.mode)
    guard file >= 0 else { throw .system("open", errno, "cannot write to \(path)", code: .file) }
    defer { close(file) }
    do throws(TransportError) {
      // The process's umask must not decide.
      guard fchmod(file, kind.mode) == 0 else { throw failure("fchmod", name) }
      try fill(file, bytes, name)
      guard fsync(file) == 0 else { throw failure("fsync", name) }
      guard renameat(descriptor, draft, descriptor, name) == 0 else { throw failure("rename", name) }
    } catch {
      unlinkat(descriptor, draft, 0)
      throw error
    }
    guard fsync(descriptor) == 0 else { throw failure("fsync", name) }
  }

  private func fill(_ file: Int32, _ bytes: [UInt8], _ name: String) throws(TransportError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress!, $0.count) }
      guard count >= 0 || errno == EINTR else { throw failure("write", name) }
      written += max(0, count)
    }
  }

  private func failure(_ call: String, _ name: String) -> TransportError {
    .system(call, errno, "cannot write \(path)/\(name)", code: .file)
  }
}
