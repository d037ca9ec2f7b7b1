import Foundation
import GRDB
import Glibc

/// The file under the journal: where it is, whether it can be trusted, and how it is opened.
///
/// Only paths are looked at, never descriptors: closing any descriptor of a database file drops the locks
/// that SQLite holds on it in this process (SQLite, "How To Corrupt", 2.2). The directory belongs to us
/// alone, so no one else can change what a path means between the look and the use.
struct JournalFile {
  let directory: String
  var path: String { directory + "/journal.sqlite" }

  /// Openers take turns: one makes or migrates, the next finds it done. A migration takes milliseconds.
  static let mostWaitForTurn = 10.0
  /// A writer in another process holds the file for one flush; a disk that takes longer than this is in
  /// trouble.
  static let mostWaitForWriter = 10.0

  /// SQLite's pages have this size or a multiple of it.
  private static let smallestPage: off_t = 512

  init(directory: String) throws(JournalError) {
    self.directory = URL(fileURLWithPath: directory).standardizedFileURL.path
    try makeDirectory()
  }

  /// A connection for writing and one for reading.
  func open() throws(JournalError) -> (DatabaseQueue, DatabaseQueue) {
    let turn = try FileLock.take(directory + "/journal.lock", waiting: Self.mostWaitForTurn)
    defer { turn.release() }
    try checkFiles()
    do {
      let writing = try DatabaseQueue(path: path, configuration: configuration(readonly: false))
      try prepare(writing)
      return (writing, try DatabaseQueue(path: path, configuration: configuration(readonly: true)))
    } catch {
      throw JournalError(error, directory: directory)
    }
  }

  private func configuration(readonly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.label = readonly ? "journal-read" : "journal-write"
    configuration.readonly = readonly
    configuration.busyMode = .timeout(Self.mostWaitForWriter)
    return configuration
  }

  private func prepare(_ queue: DatabaseQueue) throws {
    try queue.writeWithoutTransaction { db in
      try check(db)
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF")
      try db.inTransaction(.immediate) {
        try Schema.migrate(db)
        return .commit
      }
    }
  }

  private func check(_ db: Database) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    if tables > 0 && application != Schema.applicationID {
      throw JournalError(
        .corrupt, "\(path) is a database of another program; name another data directory with --data")
    }
    if version > Schema.version {
      throw JournalError(
        .newer,
        "\(path) was written by a newer clonegate (schema \(version), this one knows \(Schema.version)); "
          + "use that version, or name another data directory with --data")
    }
    let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
    if verdict != "ok" { throw JournalError.damaged(directory: directory, cause: verdict) }
  }

  // MARK: what is on disk

  /// Makes the directory and those above it. Returns 0, or the errno of the call that failed.
  private static func make(_ path: String) -> Int32 {
    if mkdir(path, 0o700) == 0 { return 0 }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return errno }
    let trouble = make(String(path[..<slash]))
    guard trouble == 0 || trouble == EEXIST else { return trouble }
    return mkdir(path, 0o700) == 0 ? 0 : errno
  }

  private func makeDirectory() throws(JournalError) {
    let trouble = Self.make(directory)
    if trouble == 0 { return }
    guard trouble == EEXIST else {
      throw JournalError(
        .io, "cannot make the data directory \(directory)", cause: String(cString: strerror(trouble)))
    }
    let found = try look(directory)
    guard let found, found.st_mode & S_IFMT == S_IFDIR else {
      throw JournalError(
        .unsafe, "\(directory) is not a directory (links are not followed); name one with --data")
    }
    guard found.st_uid == geteuid() else {
      throw JournalError(
        .unsafe, "\(directory) belongs to another user; give it to the one that runs clonegate: chown it")
    }
    guard found.st_mode & 0o022 == 0 else {
      throw JournalError(
        .unsafe,
        "others may write to the data directory \(directory); take that away: chmod go-w \(directory)")
    }
  }

  private func checkFiles() throws(JournalError) {
    for suffix in ["-wal", "-shm", ""] { try checkFile(path + suffix) }
    if let found = try look(path) {
      // SQLite takes what is shorter than a page for an empty file, and would write over it.
      guard found.st_size % Self.smallestPage == 0 else {
        throw JournalError.damaged(directory: directory, cause: "\(found.st_size) bytes are not whole pages")
      }
      return
    }
    let made = Glibc.open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_RDWR, 0o600)
    guard made >= 0 else {
      throw JournalError(
        errno == ENOSPC ? .full : .io, "cannot make \(path)", cause: String(cString: strerror(errno)))
    }
    // No connection can be open to a file that was just made: closing the descriptor drops no lock.
    Glibc.close(made)
  }

  private func checkFile(_ path: String) throws(JournalError) {
    guard let found = try look(path) else { return }
    guard found.st_mode & S_IFMT == S_IFREG, found.st_nlink == 1 else {
      throw JournalError(
        .unsafe, "\(path) is a link, or not a file; remove it, or name another directory with --data")
    }
    guard found.st_mode & 0o077 == 0 else {
      throw JournalError(.unsafe, "others may read or write \(path); take that away: chmod 600 \(path)")
    }
  }

  private func look(_ path: String) throws(JournalError) -> stat? {
    var found = stat()
    if lstat(path, &found) == 0 { return found }
    if errno == ENOENT { return nil }
    throw JournalError(.io, "cannot look at \(path)", cause: String(cString: strerror(errno)))
  }
}
