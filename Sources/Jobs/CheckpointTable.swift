import Foundation
import GRDB
import VolumeCopy

/// Checkpoints as rows. Each one is complete and replaces the last.
enum CheckpointTable {
  static func save(_ db: Database, job: Int64, _ checkpoint: CopyCheckpoint) throws {
    try delete(db, job: job)
    try db.execute(
      sql: "INSERT INTO checkpoints(job, source, target, seal) VALUES(?, ?, ?, ?)",
      arguments: [job, checkpoint.source, checkpoint.target, Data(checkpoint.seal)])
    let insert = try db.makeStatement(
      sql: "INSERT INTO extents(job, start, length, digest) VALUES(?, ?, ?, ?)")
    for extent in checkpoint.extents {
      try insert.execute(arguments: [job, extent.offset, extent.length, Data(extent.digest)])
    }
  }

  static func fetch(_ db: Database, job: Int64) throws -> CopyCheckpoint? {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM checkpoints WHERE job = ?", arguments: [job])
    else {
      return nil
    }
    let extents = try Row.fetchAll(
      db, sql: "SELECT * FROM extents WHERE job = ? ORDER BY start", arguments: [job]
    ).map { row in
      FinishedExtent(offset: row["start"], length: row["length"], digest: [UInt8](row["digest"] as Data))
    }
    let found = CopyCheckpoint(source: row["source"], target: row["target"], extents: extents)
    // SQLite's pages bear no sum: a bit that flipped on the disk would go unseen. Old journals have no seal.
    guard let seal = row["seal"] as Data?, seal != Data(found.seal) else { return found }
    return found.withoutExtents
  }

  static func delete(_ db: Database, job: Int64) throws {
    try db.execute(sql: "DELETE FROM checkpoints WHERE job = ?", arguments: [job])
  }
}
