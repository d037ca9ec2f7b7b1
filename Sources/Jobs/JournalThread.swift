import Foundation
import GRDB

/// One thread that owns one connection. Whatever waits in its inbox is done in one transaction, so that many
/// callers share one flush of the disk, and no event loop or task ever blocks on a disk.
final class JournalThread: @unchecked Sendable {
  /// One unit of work in a batch.
  struct Work: Sendable {
    /// Whether its answer may leave before the disk has it: heartbeats and progress can be lost, promises
    /// cannot.
    var isDurable: Bool
    /// Does the work; what it returns is called once the transaction is committed.
    var run: @Sendable (Database) throws -> @Sendable () -> Void
    var fail: @Sendable (any Error) -> Void
  }

  /// Beyond this the disk is not keeping up and honest refusals are better than memory: the gate's own limit
  /// of requests in flight is far below.
  static let mostWaiting = 16_384
  /// One transaction takes no more than this, so that the first caller of a flood does not wait for the last.
  static let mostInBatch = 512

  private let queue: DatabaseQueue
  private let condition = NSCondition()
  // `inbox`, `isStopping` and `isOver` are only touched while `condition` is locked; that is what makes this
  // Sendable.
  private var inbox: [Work] = []
  private var isStopping = false
  private var isOver = false
  /// What the connection's `synchronous` was last set to; only the thread itself touches it.
  private var syncsEachCommit = true

  init(name: String, queue: DatabaseQueue) {
    self.queue = queue
    let thread = Thread { self.loop() }
    thread.name = name
    thread.start()
  }

  func submit(_ work: Work) {
    condition.lock()
    let refusal: JournalError? =
      isStopping
      ? JournalError(.closed, "the journal was closed")
      : inbox.count >= Self.mostWaiting
        ? JournalError(.busy, "\(Self.mostWaiting) writes wait for the disk already; try again later") : nil
    if refusal == nil {
      inbox.append(work)
      condition.signal()
    }
    condition.unlock()
    if let refusal { work.fail(refusal) }
  }

  /// Finishes what was submitted, then ends the thread and closes the connection.
  func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    while !isOver { condition.wait() }
    condition.unlock()
    // A close that fails leaves a connection to the end of the process; nothing is lost, every commit is on
    // disk.
    try? queue.close()
  }

  private func loop() {
    while let batch = next() { commit(batch) }
    condition.lock()
    isOver = true
    condition.broadcast()
    condition.unlock()
  }

  private func next() -> [Work]? {
    condition.lock()
    defer { condition.unlock() }
    while inbox.isEmpty && !isStopping { condition.wait() }
    guard !inbox.isEmpty else { return nil }
    let batch = Array(inbox.prefix(Self.mostInBatch))
    inbox.removeFirst(batch.count)
    return batch
  }

  private func commit(_ batch: [Work]) {
    var answers: [@Sendable () -> Void] = []
    do {
      try queue.writeWithoutTransaction { db in
        try setSync(db, batch.contains { $0.isDurable })
        // A connection that can only read gets a transaction for reading: SQLite makes that difference.
        try db.inTransaction(.immediate) {
          answers = try batch.map { try answer(to: $0, alone: batch.count == 1, db) }
          return .commit
        }
      }
    } catch {
      for work in batch { work.fail(error) }
      return
    }
    for answer in answers { answer() }
  }

  /// One work's own trouble takes back only its own changes; trouble with the file takes back the whole
  /// batch.
  private func answer(to work: Work, alone: Bool, _ db: Database) throws -> @Sendable () -> Void {
    if alone { return try work.run(db) }
    var answer: @Sendable () -> Void = {}
    do {
      try db.inSavepoint {
        answer = try work.run(db)
        return .commit
      }
      return answer
    } catch  where !Self.concernsFile(error) {
      return { work.fail(error) }
    }
  }

  private static func concernsFile(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError else { return false }
    // These belong to one statement; after any other SQLite may have taken back the whole transaction.
    return ![.SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE].contains(error.resultCode)
  }

  /// WAL with FULL flushes at each commit; with NORMAL a commit is only written, and a later FULL one carries
  /// it.
  private func setSync(_ db: Database, _ syncs: Bool) throws {
    guard syncs != syncsEachCommit else { return }
    try db.execute(sql: "PRAGMA synchronous = \(syncs ? "FULL" : "NORMAL")")
    syncsEachCommit = syncs
  }
}
