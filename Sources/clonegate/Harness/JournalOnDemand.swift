import Jobs
import Synchronization

/// The journal of a data directory, opened when it is first needed. It is never made here: whoever stands in
/// the wrong directory must not be told that there is nothing, nor leave a journal behind that no gate reads.
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

  private var exists: Bool { FileStamp(path: directory + "/journal.sqlite") != nil }

  /// The journal that must be there, since a gate or a worker made it.
  func open() throws -> Journal {
    if let journal = try openIfThere() { return journal }
    throw CommandFailure.failed(
      "there is no journal in \(directory)", hint: "--data is the gate's data directory")
  }

  /// Nil when there is none.
  func openIfThere() throws -> Journal? {
    guard exists else { return nil }
    return try opened.withLock { opened in
      if let opened { return opened }
      let journal = try Journal.open(directory: directory)
      opened = journal
      return journal
    }
  }
}
