import Glibc
import VolumeCopy

/// A volume as a person names it: a directory that holds disk.img, a block device, or a file.
enum VolumeArgument {
  /// Decided by what is there now; the copy engine opens it without following links and checks again.
  static func location(_ path: String) -> VolumeLocation {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return .file(path) }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: return .directory(path)
    case S_IFBLK: return .device(path)
    default: return .file(path)
    }
  }
}

extension CommandFailure {
  /// A copy engine's error at the terminal.
  init(_ error: CopyError) {
    let code = error.code == .invalidOption ? Self.usageCode : Self.failedCode
    self = CommandFailure(exitCode: code, message: error.message, hint: error.remedy)
  }
}
