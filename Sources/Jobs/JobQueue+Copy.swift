import GRDB
import VolumeCopy

/// What happens to a job while its bytes move, and how it ends.
extension JobQueue {
  func checkpoint(_ job: Job) throws(JournalError) -> CopyCheckpoint? {
    try journal.readBlocking { try CheckpointTable.fetch($0, job: job.id) }
  }

  /// The next try copies every byte.
  func forgetCheckpoint(_ job: Job) throws(JournalError) {
    try journal.writeBlocking { try CheckpointTable.delete($0, job: job.id) }
  }

  /// Something new is safe: earlier failures did not stop the copy from getting on, and are forgiven.
  func save(_ checkpoint: CopyCheckpoint, _ job: Job) throws(JournalError) {
    try journal.writeBlocking { db in
      try CheckpointTable.save(db, job: job.id, checkpoint)
      try db.execute(sql: "UPDATE jobs SET tries = 0 WHERE id = ?", arguments: [job.id])
    }
  }

  /// Neither waits nor flushes; `done` is called when it is written, or was not.
  func note(_ progress: JobProgress, moved: Int64, _ job: Job, done: @escaping @Sendable () -> Void) {
    journal.noteLater({ db in try ProgressTable.save(db, job: job.id, progress, moved: moved) }, done: done)
  }

  /// The end: report, last numbers and step in one commit. What made resuming possible is no longer needed.
  func finish(
    _ job: Job, _ report: JobReport, _ progress: JobProgress, moved: Int64
  ) throws(JournalError) {
    let releasesPlaces = releasesPlaces
    try journal.writeBlocking { db in
      try ProgressTable.save(db, job: job.id, progress, moved: moved)
      try CheckpointTable.delete(db, job: job.id)
      try db.execute(
        sql: """
          UPDATE jobs SET step = 'reported', reason = '', message = '', tries = 0, worker = NULL,
            cancel = removed, report = ?, finished_at = ? WHERE id = ?
          """, arguments: [report.text, MachineClock.now(), job.id])
      if releasesPlaces { try BindingTable.release(db, job: job.id) }
    }
  }

  /// A failed try. With `retryable`, another follows after a pause, as long as there are tries left.
  func fail(_ job: Job, reason: String, message: String, retryable: Bool) throws(JournalError) {
    try journal.writeBlocking { db in
      let tries =
        1 + (try Int.fetchOne(db, sql: "SELECT tries FROM jobs WHERE id = ?", arguments: [job.id]) ?? 0)
      let pause = retryable ? Backoff.pause(after: tries) : nil
      let gaveUp = retryable && pause == nil ? "; gave up after \(tries) tries" : ""
      try db.execute(
        sql: """
          UPDATE jobs SET step = 'failed', reason = ?, message = ?, is_final = ?, is_retryable = ?,
            retry_at = ?, tries = ?, restarts = restarts + ?, worker = NULL, finished_at = ? WHERE id = ?
          """,
        arguments: [
          reason, message + gaveUp, pause == nil, retryable, pause.map { MachineClock.now() + $0 } ?? 0,
          tries, pause != nil, pause == nil ? MachineClock.now() : nil, job.id,
        ])
    }
  }

  /// The copy was refused before its first byte. A PersistentVolume is free again, so that a retry may take
  /// another; a directory stays the DataVolume's, but an image in it is not ours.
  func giveUpPlace(_ job: Job) throws(JournalError) {
    try journal.writeBlocking { db in
      try BindingTable.disown(db, job: job.id)
      guard try CheckpointTable.fetch(db, job: job.id) == nil else { return }
      guard try BindingTable.fetch(db, job: job.id)?.isGiven == false else { return }
      try BindingTable.release(db, job: job.id)
      try db.execute(sql: "UPDATE jobs SET target_place = NULL WHERE id = ?", arguments: [job.id])
    }
  }

  /// The place is another's, and nothing of the job is left there: it is forgotten, with how far the copy
  /// was.
  func leavePlace(_ job: Job) throws(JournalError) {
    try journal.writeBlocking { db in
      try BindingTable.release(db, job: job.id)
      try CheckpointTable.delete(db, job: job.id)
      try db.execute(sql: "UPDATE jobs SET target_place = NULL WHERE id = ?", arguments: [job.id])
    }
  }

  func binding(_ job: Job) throws(JournalError) -> (binding: Binding, wasEmpty: Bool)? {
    try journal.readBlocking { db in
      guard let binding = try BindingTable.fetch(db, job: job.id) else { return nil }
      return (binding, try BindingTable.wasEmpty(db, job: job.id))
    }
  }

  /// Nothing of the job is left on disk: its place is free; the job is cancelled, or, when removed,
  /// forgotten.
  func clear(_ job: Job) throws(JournalError) {
    try journal.writeBlocking { db in
      try BindingTable.release(db, job: job.id)
      try CheckpointTable.delete(db, job: job.id)
      try ProgressTable.delete(db, job: job.id)
      try db.execute(
        sql: """
          UPDATE jobs SET worker = NULL, source_place = NULL, target_place = NULL, step = 'cancelled',
            message = 'cancelled', reason = 'Cancelled', finished_at = ?,
            removed = iif(removed > 0, 2, 0) WHERE id = ?
          """, arguments: [MachineClock.now(), job.id])
    }
  }
}
