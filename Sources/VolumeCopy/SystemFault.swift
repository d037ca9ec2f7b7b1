internal import CLinux
private import Glibc

/// Turns an error number into the sentence, the remedy and the "can it help to try again" of a `CopyError`.
enum SystemFault {
  /// `verb`: what was being done, as in "cannot <verb> source /a/disk.img". `result` is a negated error
  /// number.
  static func error(
    _ verb: String, _ side: CopySide, _ volume: String, call: String, result: Int64, offset: Int64? = nil
  ) -> CopyError {
    let number = Int32(truncatingIfNeeded: -result)
    let place = offset.map { " at offset \($0)" } ?? ""
    let advice = advice(number, side)
    return CopyError(
      code(number, call, side), side: side, call: call, errno: number, offset: offset,
      message:
        "cannot \(verb) \(side.rawValue) \(volume)\(place): \(text(number)) (\(call): \(name(number)))",
      remedy: advice.remedy, retryable: advice.retryable)
  }

  static func name(_ number: Int32) -> String {
    clinux_error_name(number).map { String(cString: $0) } ?? "error \(number)"
  }

  static func text(_ number: Int32) -> String {
    clinux_error_text(number).map { String(cString: $0).lowercased() } ?? "unknown error"
  }

  private static func code(_ number: Int32, _ call: String, _ side: CopySide) -> CopyError.Code {
    switch number {
    case ENOENT: .notFound
    case ELOOP,
      EXDEV where call == "openat2", ENOTDIR, EISDIR:
      .notAVolume
    case EACCES, EPERM, EROFS: .permission
    case ENOSPC, EDQUOT, EFBIG: .noSpace
    case ENODEV, ENXIO: .deviceGone
    case EBUSY where side == .target: .targetBusy
    case EEXIST: .targetExists
    default:
      switch call {
      case "fsync", "sync_file_range": .flushFailed
      case "pread", "lseek": .readFailed
      default: side == .source ? .readFailed : .writeFailed
      }
    }
  }

  private static func advice(_ number: Int32, _ side: CopySide) -> (remedy: String, retryable: Bool) {
    switch number {
    case ENOSPC: ("free space on the target and run it again: finished ranges are kept", true)
    case EDQUOT: ("raise the quota of the target's owner and run it again: finished ranges are kept", true)
    case EFBIG:
      ("the target's file system or the process limit (ulimit -f) does not allow a file this large", false)
    case EROFS: ("the target is mounted read-only: remount it writable", false)
    case EIO where side == .source:
      ("the source's storage cannot read this range: repair it, or ask for bad ranges to be skipped", false)
    case EIO: ("the target's storage failed: check the kernel log, then run it again", true)
    case ENODEV, ENXIO: ("the \(side.rawValue) device went away: attach it and run it again", true)
    case EACCES, EPERM: ("check the permissions of the \(side.rawValue) and the user that copies", false)
    case ENOENT: ("check the path of the \(side.rawValue)", false)
    case ENOTDIR: ("give a directory; symbolic links are not followed", false)
    case ELOOP, EXDEV: ("a volume's path may not contain symbolic links: give the real path", false)
    case EBUSY: ("it is mounted, part of another device, or being copied to: release it first", true)
    case EEXIST: ("remove it first, or choose another target", false)
    case ENOMEM, EAGAIN, EINTR: ("the machine was short of a resource: run it again", true)
    case ETXTBSY: ("the file is in use as swap or as a program: release it first", true)
    default: ("see the kernel log for the cause", false)
    }
  }
}
