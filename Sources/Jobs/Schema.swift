import GRDB

/// The tables, as the steps that made them. A step that was ever released is never edited: a change is a new
/// step, so that a journal of any age opens.
enum Schema {
  /// "cgjl": says that an SQLite file is a clonegate journal. Kept in SQLite's own header field.
  static let applicationID: Int64 = 0x6367_6A6C

  static var version: Int { steps.count }

  /// Brings the file from whatever version it has to this one, in the caller's transaction.
  static func migrate(_ db: Database, steps: [String] = Schema.steps) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    for step in steps.dropFirst(found) { try db.execute(sql: step) }
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(max(found, steps.count))")
  }

  static let steps = [objectsAndJobs, copies, attempts, seals]

  /// Version 1: what was accepted.
  private static let objectsAndJobs = """
    CREATE TABLE objects(
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      uid TEXT NOT NULL UNIQUE,
      owner_uid TEXT,
      json BLOB NOT NULL,
      UNIQUE(kind, namespace, name));
    CREATE INDEX objects_by_owner ON objects(owner_uid) WHERE owner_uid IS NOT NULL;

    CREATE TABLE jobs(
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      key TEXT NOT NULL,
      uid TEXT NOT NULL,
      namespace TEXT NOT NULL, name TEXT NOT NULL,
      source_namespace TEXT NOT NULL, source_name TEXT NOT NULL,
      volume_mode TEXT NOT NULL, content_type TEXT NOT NULL,
      requested_bytes INTEGER, storage_class TEXT, access_modes TEXT NOT NULL,
      preallocation INTEGER NOT NULL,
      owner_kind TEXT, owner_name TEXT, owner_uid TEXT,
      requester TEXT NOT NULL,
      step TEXT NOT NULL DEFAULT 'accepted',
      reason TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
      is_final INTEGER NOT NULL DEFAULT 0,   -- of a failed job: no further try
      retry_at INTEGER NOT NULL DEFAULT 0,   -- milliseconds since 1970: not looked at before
      tries INTEGER NOT NULL DEFAULT 0,      -- failures in a row, for the backoff
      restarts INTEGER NOT NULL DEFAULT 0,
      cancel INTEGER NOT NULL DEFAULT 0,
      removed INTEGER NOT NULL DEFAULT 0,    -- 0 live, 1 volume to be removed, 2 gone (to know repeats)
      removed_at INTEGER,
      worker TEXT,                           -- the worker instance that runs it
      source_place TEXT, target_place TEXT,
      accepted_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER,
      report TEXT);
    CREATE UNIQUE INDEX jobs_by_key ON jobs(key) WHERE removed = 0;
    CREATE UNIQUE INDEX jobs_by_name ON jobs(namespace, name) WHERE removed = 0;
    CREATE INDEX jobs_by_step ON jobs(removed, step);
    """

  /// Version 2: what the worker knows.
  private static let copies = """
    CREATE TABLE progress(
      job INTEGER PRIMARY KEY REFERENCES jobs(id) ON DELETE CASCADE,
      total INTEGER NOT NULL, done INTEGER NOT NULL, resumed INTEGER NOT NULL, read INTEGER NOT NULL,
      written INTEGER NOT NULL, zero INTEGER NOT NULL, reflinked INTEGER NOT NULL, verified INTEGER NOT NULL,
      rate INTEGER NOT NULL);

    CREATE TABLE checkpoints(
      job INTEGER PRIMARY KEY REFERENCES jobs(id) ON DELETE CASCADE,
      source TEXT NOT NULL, target TEXT NOT NULL);
    CREATE TABLE extents(                    -- finished and flushed; neighbours are merged, so there are few
      job INTEGER NOT NULL REFERENCES checkpoints(job) ON DELETE CASCADE,
      start INTEGER NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL,
      PRIMARY KEY(job, start)) WITHOUT ROWID;

    CREATE TABLE bindings(
      path TEXT PRIMARY KEY,
      volume TEXT UNIQUE,                    -- the PersistentVolume's name; NULL for a directory of our own
      job INTEGER NOT NULL UNIQUE REFERENCES jobs(id),
      kind TEXT NOT NULL,                    -- directory or device
      was_empty INTEGER NOT NULL) WITHOUT ROWID;  -- no disk.img was there: the one found later is ours

    CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE worker(
      one INTEGER PRIMARY KEY CHECK(one = 1),
      instance TEXT NOT NULL, pid INTEGER NOT NULL, boot TEXT NOT NULL, beat INTEGER NOT NULL);

    CREATE TABLE totals(
      one INTEGER PRIMARY KEY CHECK(one = 1),
      bytes_copied INTEGER NOT NULL, restarts INTEGER NOT NULL);
    INSERT INTO totals VALUES(1, 0, 0);
    """

  /// Version 3: jobs that someone else orders, and orders again.
  private static let attempts = """
    ALTER TABLE jobs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;       -- the last one that was ordered
    ALTER TABLE jobs ADD COLUMN is_retryable INTEGER NOT NULL DEFAULT 0;  -- of a failed job, also a final one
    """

  /// Version 4: checkpoints that show when they were damaged.
  private static let seals = """
    ALTER TABLE checkpoints ADD COLUMN seal BLOB;                         -- CopyCheckpoint.seal
    """
}
