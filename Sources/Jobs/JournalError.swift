import GRDB

/// Why the journal could not do what was asked. The message is a whole sentence with what to do next.
package struct JournalError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable {
    /// The file or its directory cannot be trusted: a link, another owner, open to others.
    case unsafe
    /// The file is damaged, or not a journal.
    case corrupt
    /// A newer clonegate wrote it.
    case newer
    /// Another process held it for too long; trying again can help.
    case busy
    /// The disk under it is full; trying again can help once there is room.
    case full
    /// Any other input or output error.
    case io
    /// The journal was closed.
    case closed
    /// Nothing has that name.
    case notFound
    /// The object's uid is not the one that was named.
    case conflict
  }
  package let code: Code
  package let message: String
  /// What the layer below said.
  package let cause: String?

  package init(_ code: Code, _ message: String, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.map { "\(message) (\($0))" } ?? message }
}

extension JournalError {
  /// What an error of the layers below means here.
  init(_ error: any Error, directory: String) {
    if let own = error as? JournalError {
      self = own
      return
    }
    guard let database = error as? DatabaseError else {
      self.init(.io, "the journal in \(directory) failed", cause: "\(error)")
      return
    }
    let cause = "SQLite \(database.extendedResultCode.rawValue): \(database.message ?? "no text")"
    switch database.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(directory: directory, cause: cause)
    case .SQLITE_FULL:
      self.init(
        .full, "the disk under \(directory) is full; make room, nothing that was recorded is lost",
        cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.busy, "another process keeps the journal in \(directory) locked; try again", cause: cause)
    default: self.init(.io, "the journal in \(directory) failed", cause: cause)
    }
  }

  static func damaged(directory: String, cause: String) -> JournalError {
    JournalError(
      .corrupt,
      "\(directory)/journal.sqlite is damaged or not a journal; stop clonegate, keep a copy, and move "
        + "journal.sqlite* out of the directory to start with an empty list of jobs (the volumes stay)",
      cause: cause)
  }
}
