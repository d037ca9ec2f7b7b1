import GRDB
import VolumeCopy

/// The worker's side of the journal. Every call blocks until its change is on disk, unless it says otherwise.
struct JobQueue: Sendable {
  let journal: Journal
  /// This start of the worker: jobs that it has taken bear this name.
  let instance: String
  /// `WorkerOptions.releasesPlaces`.
  var releasesPlaces = false

  /// What a look at the journal found to do.
  struct Orders: Sendable {
    /// Jobs that can be taken now: those that were begun first, then those next in line for a device, then
    /// those whose time came first, so that many that wait for ever hold up no other.
    var ready: [Job]
    /// Taken jobs that someone asked to stop.
    var stopped: Set<Int64>
    /// Jobs that nobody runs and whose volume is to be removed, or whose rest is to be cleared away.
    var unwanted: [Job]
  }

  private static let moving = "('prepared', 'copying', 'copied', 'verifying', 'verified')"

  func limits() throws(JournalError) -> WorkerLimits {
    try journal.readBlocking { try Settings.limits($0) }
  }

  /// The jobs that wait for their turn on a device.
  func inLine() throws(JournalError) -> Set<Int64> {
    try journal.readBlocking { db in
      let sql = """
        SELECT id FROM jobs WHERE step = 'waiting' AND reason = ? AND worker IS NULL AND removed = 0
          AND cancel = 0
        """
      return Set(try Int64.fetchAll(db, sql: sql, arguments: [DeviceLine.reason]))
    }
  }

  /// Of the jobs in line for a device, `next` are ready at once, `later` are not, whatever the time.
  func orders(most: Int, next: [Int64], later: [Int64]) throws(JournalError) -> Orders {
    let now = MachineClock.now()
    // No pause is so long: whoever is due later waits by a clock that was set back since.
    let isDue = "(retry_at <= \(now) OR retry_at > \(now + 2 * Backoff.longest))"
    // As JSON, because there may be more of them than SQLite takes arguments.
    let (next, later) = ("\(next)", "\(later)")
    return try journal.readBlocking { db in
      let ready = """
        \(JobTable.selection) WHERE removed = 0 AND cancel = 0 AND worker IS NULL
          AND (\(isDue) OR id IN (SELECT value FROM json_each(?)))
          AND id NOT IN (SELECT value FROM json_each(?))
          AND (step IN ('accepted', 'waiting') OR step IN \(Self.moving)
            OR (step = 'failed' AND is_final = 0))
        ORDER BY step NOT IN \(Self.moving), id NOT IN (SELECT value FROM json_each(?)), retry_at, id LIMIT ?
        """
      let unwanted = """
        \(JobTable.selection) WHERE worker IS NULL AND \(isDue) AND (removed = 1
          OR (removed = 0 AND cancel = 1 AND step NOT IN ('cancelled', 'reported'))) ORDER BY id
        """
      return Orders(
        ready: try Row.fetchAll(db, sql: ready, arguments: [next, later, next, most]).map(Job.init),
        stopped: Set(
          try Int64.fetchAll(db, sql: "SELECT id FROM jobs WHERE cancel = 1 AND worker IS NOT NULL")),
        unwanted: try Row.fetchAll(db, sql: unwanted).map(Job.init))
    }
  }

  /// A number that differs when anyone changed the journal since.
  func changes() throws(JournalError) -> Int64 {
    try journal.readBlocking { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
  }

  /// Jobs of workers that are gone become free, and count a restart. The caller holds the lease: no other
  /// lives.
  func adopt() throws(JournalError) -> Int {
    let since = MachineClock.now() - Self.forgetAfter
    return try journal.writeBlocking { db in
      try db.execute(sql: "DELETE FROM jobs WHERE removed = 2 AND removed_at < ?", arguments: [since])
      try db.execute(
        sql: "UPDATE jobs SET worker = NULL, retry_at = 0, restarts = restarts + (step IN \(Self.moving)) "
          + "WHERE worker IS NOT NULL")
      let adopted = db.changesCount
      try db.execute(sql: "UPDATE totals SET restarts = restarts + ?", arguments: [adopted])
      return adopted
    }
  }

  /// Jobs that are taken by this worker but run by none of its threads: their end could not be written. They
  /// become free again.
  func readopt(except running: [Int64]) throws(JournalError) {
    let instance = instance
    let lost = try journal.readBlocking { db in
      try Int64.fetchAll(db, sql: "SELECT id FROM jobs WHERE worker = ?", arguments: [instance])
    }.filter { !running.contains($0) }
    guard !lost.isEmpty else { return }
    try journal.writeBlocking { db in
      for id in lost { try db.execute(sql: "UPDATE jobs SET worker = NULL WHERE id = ?", arguments: [id]) }
    }
  }

  /// A day: an API server repeats a call within its time-out of 30 seconds at most.
  private static let forgetAfter: Int64 = 86_400_000

  /// Not flushed: a heartbeat is worth nothing after a power cut.
  func beat(pid: Int32) throws(JournalError) {
    let instance = instance
    try journal.writeBlocking(durable: false) { try WorkerTable.beat($0, instance: instance, pid: pid) }
  }

  /// False when the job was cancelled, removed or taken meanwhile. Not flushed: after a power cut there is no
  /// worker, and a job that is not taken is what it should be.
  func take(_ job: Job) throws(JournalError) -> Bool {
    let instance = instance
    return try journal.writeBlocking(durable: false) { db in
      try db.execute(
        sql: "UPDATE jobs SET worker = ? WHERE id = ? AND worker IS NULL AND removed = ? AND cancel = ?",
        arguments: [instance, job.id, job.removed, job.cancelRequested])
      return db.changesCount == 1
    }
  }

  /// Gives a job back as it is: the worker is asked to leave.
  func release(_ job: Job) throws(JournalError) {
    try change(job, "worker = NULL", [])
  }

  /// The job looks again after some time; nothing failed. Writing the same words again does not flush the
  /// disk.
  func wait(
    _ job: Job, step: JobStep, reason: String, message: String, until: Int64
  ) throws(JournalError) {
    let isNews = job.step != step || job.reason != reason || job.message != message
    try journal.writeBlocking(durable: isNews) { db in
      try db.execute(
        sql: "UPDATE jobs SET worker = NULL, step = ?, reason = ?, message = ?, retry_at = ? WHERE id = ?",
        arguments: [step.rawValue, reason, message, until, job.id])
    }
  }

  /// False when another job holds the place; else the place is this job's, and it is `prepared`. A job that
  /// waited goes on saying for what until the copy has begun: it may have to wait again.
  func bind(_ job: Job, _ places: CopyPlaces, wasEmpty: Bool) throws(JournalError) -> Bool {
    let source = places.source.description
    let target = places.target.description
    let binding = places.binding
    return try journal.writeBlocking { db in
      guard try BindingTable.bind(db, job: job.id, binding, wasEmpty: wasEmpty) else { return false }
      try db.execute(
        sql: """
          UPDATE jobs SET step = iif(step = 'waiting', step, 'prepared'),
            reason = iif(step = 'waiting', reason, ''), message = iif(step = 'waiting', message, ''),
            source_place = ?, target_place = ?, started_at = ifnull(started_at, ?) WHERE id = ?
          """, arguments: [source, target, MachineClock.now(), job.id])
      return true
    }
  }

  func known(for job: Job) throws(JournalError) -> KnownVolumes {
    let terms = job.terms
    return try journal.readBlocking { db in
      KnownVolumes(
        bound: try BindingTable.fetchAll(db),
        sourceJob: try JobTable.fetchLive(db, namespace: terms.sourceNamespace, name: terms.sourceName),
        standaloneDirectory: try Settings.get(db, Settings.standalone))
    }
  }

  func enter(_ step: JobStep, _ job: Job) throws(JournalError) {
    try change(job, "step = ?, reason = '', message = ''", [step.rawValue])
  }

  private func change(
    _ job: Job, _ assignment: String, _ values: [any DatabaseValueConvertible & Sendable]
  ) throws(JournalError) {
    try journal.writeBlocking { db in
      try db.execute(
        sql: "UPDATE jobs SET \(assignment) WHERE id = ?",
        arguments: StatementArguments(values.map { $0 as any DatabaseValueConvertible } + [job.id]))
    }
  }
}
