import Foundation
import GRDB
import Synchronization

/// The durable list of objects and jobs in `DIRECTORY/journal.sqlite`. Any number of processes may have it
/// open.
///
/// Asynchronous calls never block the caller's thread: the writes run, grouped, on a thread of the journal's
/// own, the reads on another. A call that returns has reached the disk.
package final class Journal: Sendable {
  /// The data directory, as an absolute path.
  package let directory: String
  private let writer: JournalThread
  private let reader: JournalThread

  init(directory: String, writer: JournalThread, reader: JournalThread) {
    self.directory = directory
    self.writer = writer
    self.reader = reader
  }

  /// Opens the journal, making the directory (0700) and the file (0600) if they are not there, and bringing
  /// an older file up to date. Blocks for some milliseconds: call it at start, not on an event loop.
  package static func open(directory: String) throws(JournalError) -> Journal {
    let file = try JournalFile(directory: directory)
    let (writing, reading) = try file.open()
    return Journal(
      directory: file.directory, writer: JournalThread(name: "journal-write", queue: writing),
      reader: JournalThread(name: "journal-read", queue: reading))
  }

  /// Finishes what was begun and closes the file. Later calls fail with `closed`.
  package func close() {
    // The last connection to leave moves the write-ahead log into the file, which a reading one could not do.
    reader.stop()
    writer.stop()
  }

  // MARK: for the rest of the room

  /// Changes the file; on return the change is on disk.
  func write<T: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(JournalError) -> T {
    try await ask(writer, durable: true, body)
  }

  /// Changes the file; on return others see the change, and the next durable write carries it to the disk.
  func note<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    try await ask(writer, durable: false, body)
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    try await ask(reader, durable: false, body)
  }

  /// For threads that may block: the worker's. Never call them on an event loop or in a task.
  func writeBlocking<T: Sendable>(
    durable: Bool = true, _ body: @escaping @Sendable (Database) throws -> T
  ) throws(JournalError) -> T {
    let answer = Handoff<T, JournalError>()
    writer.submit(work(durable: durable, body) { answer.put($0) })
    return try answer.take().get()
  }

  /// Neither waits nor flushes; `done` is called in any case.
  func noteLater(
    _ body: @escaping @Sendable (Database) throws -> Void, done: @escaping @Sendable () -> Void
  ) {
    writer.submit(work(durable: false, body) { _ in done() })
  }

  func readBlocking<T: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> T
  ) throws(JournalError) -> T {
    let answer = Handoff<T, JournalError>()
    reader.submit(work(durable: false, body) { answer.put($0) })
    return try answer.take().get()
  }

  private func ask<T: Sendable>(
    _ thread: JournalThread, durable: Bool, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(JournalError) -> T {
    let result: Result<T, JournalError> = await withCheckedContinuation { continuation in
      thread.submit(work(durable: durable, body) { continuation.resume(returning: $0) })
    }
    return try result.get()
  }

  private func work<T: Sendable>(
    durable: Bool, _ body: @escaping @Sendable (Database) throws -> T,
    _ finish: @escaping @Sendable (Result<T, JournalError>) -> Void
  ) -> JournalThread.Work {
    let directory = directory
    return JournalThread.Work(
      isDurable: durable,
      run: { db in
        let value = try body(db)
        return { finish(.success(value)) }
      },
      fail: { finish(.failure(JournalError($0, directory: directory))) })
  }
}
