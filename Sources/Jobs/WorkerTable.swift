import GRDB

/// The worker's heartbeat, as the one row of its table.
enum WorkerTable {
  static func beat(_ db: Database, instance: String, pid: Int32) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO worker(one, instance, pid, boot, beat) VALUES(1, ?, ?, ?, ?)",
      arguments: [instance, pid, MachineClock.boot, MachineClock.uptimeMilliseconds()])
  }

  static func fetch(_ db: Database) throws -> WorkerPresence? {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM worker") else { return nil }
    let beat: Int64 = row["beat"]
    let silence = Double(MachineClock.uptimeMilliseconds() - beat) / 1000
    return WorkerPresence(
      instance: row["instance"], pid: row["pid"],
      silentSeconds: row["boot"] == MachineClock.boot ? max(silence, 0) : nil)
  }
}
