internal import CLinux
private import Glibc

/// What copies whose journal is lost left beside a target. Used under the target's lock, so that none of them
/// runs.
struct OtherPartials {
  /// Names that are removed in one go: whoever fills the directory with more does not hold up the copy.
  private static let most = 1000

  private let partial: PartialFile

  init(beside partial: PartialFile) { self.partial = partial }

  /// Removes them: regular files of our own names, nothing else. One that cannot be removed is in nobody's
  /// way.
  /// - Returns: a line for the report; nil when there was none.
  func remove() -> String? {
    let removed = names().filter { clinux_unlink(partial.directory.number, $0) == 0 }.count
    return removed == 0 ? nil : "unfinished files of lost copies beside the target were removed: \(removed)"
  }

  private func names() -> [String] {
    let descriptor = openat(partial.directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      return []
    }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < Self.most, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if partial.isAnother(name), isFile(name) { names.append(name) }
    }
    return names
  }

  /// A link is none.
  private func isFile(_ name: String) -> Bool {
    var found = stat()
    return fstatat(partial.directory.number, name, &found, AT_SYMLINK_NOFOLLOW) == 0
      && found.st_mode & S_IFMT == S_IFREG
  }
}
