import GRDB

/// Settings that a running worker reads, as rows.
enum Settings {
  static let parallel = "parallel"
  static let bytesPerSecond = "bytesPerSecond"
  static let parallelPerDevice = "parallelPerDevice"
  static let bytesPerSecondPerDevice = "bytesPerSecondPerDevice"
  static let standalone = "standalone"
  static let node = "node"
  static let probe = "probe"

  static func get(_ db: Database, _ name: String) throws -> String? {
    try String.fetchOne(db, sql: "SELECT value FROM settings WHERE name = ?", arguments: [name])
  }

  /// nil takes the setting away.
  static func set(_ db: Database, _ name: String, _ value: String?) throws {
    guard let value else {
      return try db.execute(sql: "DELETE FROM settings WHERE name = ?", arguments: [name])
    }
    try db.execute(sql: "INSERT OR REPLACE INTO settings VALUES(?, ?)", arguments: [name, value])
  }

  static func limits(_ db: Database) throws -> WorkerLimits {
    WorkerLimits(
      parallel: try get(db, parallel).flatMap { Int($0) } ?? WorkerLimits.defaultParallel,
      bytesPerSecond: try get(db, bytesPerSecond).flatMap { Int64($0) },
      parallelPerDevice: try get(db, parallelPerDevice).flatMap { Int($0) },
      bytesPerSecondPerDevice: try get(db, bytesPerSecondPerDevice).flatMap { Int64($0) })
  }

  static func setLimits(_ db: Database, _ limits: WorkerLimits) throws {
    try set(db, parallel, String(limits.parallel))
    try set(db, bytesPerSecond, limits.bytesPerSecond.map { String($0) })
    try set(db, parallelPerDevice, limits.parallelPerDevice.map { String($0) })
    try set(db, bytesPerSecondPerDevice, limits.bytesPerSecondPerDevice.map { String($0) })
  }
}
