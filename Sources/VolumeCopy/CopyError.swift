/// Which volume a failure belongs to.
package enum CopySide: String, Sendable { case source, target, both }

/// Why a copy or a comparison did not end well: a sentence for the operator and fields for programs.
package struct CopyError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case notFound, notAVolume, permission, sameVolume, invalidOption
    /// It cannot fit: both numbers are in the message.
    case doesNotFit
    /// A file already stands under the target's final name.
    case targetExists
    /// Another copy holds the target.
    case targetBusy
    /// Someone holds the source open for writing, or it is mounted. Wait and try again.
    case sourceInUse
    /// The source changed while it was read: what was copied is not a disk that ever existed.
    case sourceChanged
    case preallocationImpossible
    case readFailed, writeFailed, flushFailed, deviceGone, noSpace
    /// The target does not hold what was read.
    case mismatch
    /// A list of digests cannot be read, or cannot be believed.
    case digestList
    case cancelled
  }

  package let code: Code
  package let side: CopySide
  /// The system call that failed, if one did.
  package let call: String?
  /// The error number, 0 if no call failed.
  package let errno: Int32
  /// Byte offset in the volume, if the failure has a place.
  package let offset: Int64?
  /// What happened, to what, and why. One line.
  package let message: String
  /// What to do next. One line.
  package let remedy: String
  /// The same copy may succeed later without anyone changing the request.
  package let retryable: Bool

  package init(
    _ code: Code, side: CopySide, call: String? = nil, errno: Int32 = 0, offset: Int64? = nil,
    message: String, remedy: String, retryable: Bool = false
  ) {
    self.code = code
    self.side = side
    self.call = call
    self.errno = errno
    self.offset = offset
    self.message = message
    self.remedy = remedy
    self.retryable = retryable
  }

  /// The error number's name, such as `ENOSPC`; nil if no call failed.
  package var errnoName: String? { errno == 0 ? nil : SystemFault.name(errno) }

  static let cancelled = CopyError(
    .cancelled, side: .both, message: "the copy was cancelled", remedy: "run it again to go on",
    retryable: true)

  package var description: String { "\(message); \(remedy)" }

  package static func == (a: CopyError, b: CopyError) -> Bool { a.code == b.code }
}
