import GRDB
import VolumeCopy

/// Bindings as rows.
enum BindingTable {
  static func fetch(_ db: Database, job: Int64) throws -> Binding? {
    try Row.fetchOne(db, sql: "SELECT * FROM bindings WHERE job = ?", arguments: [job]).map(Binding.init)
  }

  static func fetchAll(_ db: Database) throws -> [BoundVolume] {
    let sql = """
      SELECT jobs.*, \(ProgressTable.columns), bindings.path, bindings.kind, bindings.volume
      FROM bindings JOIN jobs ON jobs.id = bindings.job LEFT JOIN progress ON progress.job = jobs.id
      """
    return try Row.fetchAll(db, sql: sql).map { BoundVolume(binding: Binding($0), job: Job($0)) }
  }

  /// False when another job holds the path or the volume.
  static func bind(_ db: Database, job: Int64, _ binding: Binding, wasEmpty: Bool) throws -> Bool {
    if let own = try fetch(db, job: job) {
      // Without an image now, one that is found later is ours, whatever was there before.
      if wasEmpty { try db.execute(sql: "UPDATE bindings SET was_empty = 1 WHERE job = ?", arguments: [job]) }
      return own == binding
    }
    let taken = try Bool.fetchOne(
      db, sql: "SELECT EXISTS(SELECT 1 FROM bindings WHERE path = ? OR volume = ?)",
      arguments: [binding.path, binding.volume])
    guard taken == false else { return false }
    try db.execute(
      sql: "INSERT INTO bindings(path, volume, job, kind, was_empty) VALUES(?, ?, ?, ?, ?)",
      arguments: [binding.path, binding.volume, job, binding.kind.rawValue, wasEmpty])
    return true
  }

  static func release(_ db: Database, job: Int64) throws {
    try db.execute(sql: "DELETE FROM bindings WHERE job = ?", arguments: [job])
  }

  /// Whether a `disk.img` that is found there is ours to remove.
  static func wasEmpty(_ db: Database, job: Int64) throws -> Bool {
    try Bool.fetchOne(db, sql: "SELECT was_empty FROM bindings WHERE job = ?", arguments: [job]) ?? false
  }

  static func disown(_ db: Database, job: Int64) throws {
    try db.execute(sql: "UPDATE bindings SET was_empty = 0 WHERE job = ?", arguments: [job])
  }
}

extension Binding {
  fileprivate init(_ row: Row) {
    self.init(
      path: row["path"], kind: VolumeLocation.Kind(rawValue: row["kind"]) ?? .directory, volume: row["volume"]
    )
  }
}
