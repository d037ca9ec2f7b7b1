import Jobs
import Synchronization

/// The journal of a data directory, opened when it is first needed: a command that only writes a role must
/// not leave a journal behind.
final class JournalOnDemand: Sendable {
  private let directory: String
  private let opened: Mutex<Journal?>

  init(directory: String) {
    self.directory = directory
    opened = Mutex(nil)
  }

  init(_ journal: Journal) {
    directory = journal.directory
    opened = Mutex(journal)
  }

  /// Whether there is one already.
  var exists: Bool { FileStamp(path: directory + "/journal.sqlite") != nil }

  /// Makes it if it is not there.
  func open() throws -> Journal {
    try opened.withLock { opened in
      if let opened { return opened }
      let journal = try Journal.open(directory: directory)
      opened = journal
      return journal
    }
  }

  /// Nil when there is none; makes none.
  func openIfThere() throws -> Journal? { exists ? try open() : nil }
}
