import GRDB

/// Progress as rows, apart from the jobs: written each second, and worth nothing after a power cut.
enum ProgressTable {
  static let columns = "total, done, resumed, read, written, zero, reflinked, verified, rate"

  /// - Parameter moved: bytes that reached the target since the last time, for the totals.
  static func save(_ db: Database, job: Int64, _ progress: JobProgress, moved: Int64) throws {
    try db.execute(sql: "UPDATE totals SET bytes_copied = bytes_copied + ?", arguments: [moved])
    try db.execute(
      sql: "INSERT OR REPLACE INTO progress(job, \(columns)) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        job, progress.total, progress.done, progress.resumed, progress.read, progress.written, progress.zero,
        progress.reflinked, progress.verified, progress.rate,
      ])
  }

  static func delete(_ db: Database, job: Int64) throws {
    try db.execute(sql: "DELETE FROM progress WHERE job = ?", arguments: [job])
  }
}

extension JobProgress {
  /// From a row that may have none of it.
  init(_ row: Row) {
    self.init()
    total = row["total"] ?? 0
    done = row["done"] ?? 0
    resumed = row["resumed"] ?? 0
    read = row["read"] ?? 0
    written = row["written"] ?? 0
    zero = row["zero"] ?? 0
    reflinked = row["reflinked"] ?? 0
    verified = row["verified"] ?? 0
    rate = row["rate"] ?? 0
  }
}
