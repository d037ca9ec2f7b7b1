import GRDB

extension Journal {
  package func jobs(_ filter: JobFilter = JobFilter()) async throws(JournalError) -> [Job] {
    try await read { try JobTable.fetch($0, filter) }
  }

  /// The job of this key, also when its DataVolume is gone.
  package func job(key: String) async throws(JournalError) -> Job? {
    try await read { try JobTable.fetch($0, key: key) }
  }

  /// The job of the DataVolume that has this name now.
  package func job(namespace: String, name: String) async throws(JournalError) -> Job? {
    try await read { try JobTable.fetchLive($0, namespace: namespace, name: name) }
  }

  /// Asks for a job to be stopped. One that never touched its target is cancelled at once, another within a
  /// second of the worker; what it wrote is removed. Throws `notFound`, or `conflict` for a job that is over.
  @discardableResult
  package func cancel(key: String, isTrial: Bool = false) async throws(JournalError) -> Job {
    try await change(key, isTrial: isTrial) { db, job in
      guard !job.step.isFinal else {
        throw JournalError(.conflict, "job \(key) is over (\(job.step.rawValue)): there is nothing to cancel")
      }
      let isUntouched = job.targetPlace == nil && job.startedAt == nil
      let step = isUntouched ? JobStep.cancelled : job.step
      try db.execute(
        sql: "UPDATE jobs SET cancel = 1, step = ?, reason = ?, message = ?, retry_at = 0 WHERE id = ?",
        arguments: [
          step.rawValue, isUntouched ? "Cancelled" : job.reason,
          isUntouched ? "cancelled before it began" : job.message, job.id,
        ])
    }
  }

  /// Tries a failed or cancelled job again, now; what was copied before is not copied again if it is still
  /// there. Throws `notFound`, or `conflict` for a job that has not failed.
  @discardableResult
  package func retry(key: String, isTrial: Bool = false) async throws(JournalError) -> Job {
    try await change(key, isTrial: isTrial) { db, job in
      guard job.step == .failed || job.step == .cancelled else {
        throw JournalError(
          .conflict,
          "job \(key) is \(job.step.rawValue): only one that failed or was cancelled is tried again"
        )
      }
      try Self.begin(db, again: job)
    }
  }

  /// Notes that attempt `number` of the job was ordered, and tries it again if it failed or was cancelled.
  /// A number that was noted before changes nothing, so this can be repeated. Throws `notFound`.
  @discardableResult
  package func attempt(_ number: Int, key: String) async throws(JournalError) -> Job {
    try await change(key) { db, job in
      guard number > job.attempt else { return }
      try db.execute(sql: "UPDATE jobs SET attempt = ? WHERE id = ?", arguments: [number, job.id])
      if job.step == .failed || job.step == .cancelled { try Self.begin(db, again: job) }
    }
  }

  private static func begin(_ db: Database, again job: Job) throws {
    try db.execute(
      sql: """
        UPDATE jobs SET step = 'accepted', reason = '', message = '', is_final = 0, retry_at = 0, tries = 0,
          cancel = 0, finished_at = NULL, restarts = restarts + 1 WHERE id = ?
        """, arguments: [job.id])
  }

  /// - Parameter isTrial: everything is taken back, and the answer is what would have come of it.
  private func change(
    _ key: String, isTrial: Bool = false, _ body: @escaping @Sendable (Database, Job) throws -> Void
  ) async throws(JournalError) -> Job {
    try await write { db in
      guard var job = try JobTable.fetch(db, key: key), !job.removed else {
        throw JournalError(.notFound, "no job has the key \(key)")
      }
      try db.inSavepoint {
        try body(db, job)
        job = try JobTable.fetch(db, id: job.id) ?? job
        return isTrial ? .rollback : .commit
      }
      return job
    }
  }
}
