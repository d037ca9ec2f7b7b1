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
    SystemFile.names(in: "/proc/self/fd/\(partial.directory.number)", most: Self.most) {
      partial.isAnother($0) && isFile($0)
    }
  }

  /// A link is none.
  private func isFile(_ name: String) -> Bool {
    var found = stat()
    return fstatat(partial.directory.number, name, &found, AT_SYMLINK_NOFOLLOW) == 0
      && found.st_mode & S_IFMT == S_IFREG
  }
}
