import Foundation
import GRDB
import JSON

/// Objects as rows: what `get` shows, and who lives and dies with whom.
enum ObjectTable {
  static func fetch(_ db: Database, _ name: ObjectName) throws -> StoredObject? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM objects WHERE kind = ? AND namespace = ? AND name = ?",
      arguments: [name.kind, name.namespace, name.name]
    ).map(StoredObject.init)
  }

  static func fetch(_ db: Database, kind: String?, namespace: String?) throws -> [StoredObject] {
    try Row.fetchAll(
      db,
      sql: "SELECT * FROM objects WHERE kind = ifnull(?, kind) AND namespace = ifnull(?, namespace) "
        + "ORDER BY kind, namespace, name", arguments: [kind, namespace]
    ).map(StoredObject.init)
  }

  static func fetch(_ db: Database, ownedBy uid: String) throws -> [StoredObject] {
    try Row.fetchAll(db, sql: "SELECT * FROM objects WHERE owner_uid = ? ORDER BY id", arguments: [uid])
      .map(StoredObject.init)
  }

  /// Adds the object, or replaces the one of the same name and uid. Another uid under that name is a
  /// conflict: two objects cannot have one name, and the one that is there may hold someone's disk.
  @discardableResult
  static func store(_ db: Database, _ object: StoredObject) throws -> StoredObject {
    let existing = try fetch(db, object.name)
    if let existing, !object.uid.isEmpty, existing.uid != object.uid {
      throw JournalError(.conflict, "\(object.name) already exists, with uid \(existing.uid)")
    }
    var stored = object
    stored.give(uid: existing?.uid ?? (object.uid.isEmpty ? UUID().uuidString.lowercased() : object.uid))
    stored.ownerUID = object.ownerUID ?? existing?.ownerUID
    try db.execute(
      sql: """
        INSERT INTO objects(kind, namespace, name, uid, owner_uid, json) VALUES(?, ?, ?, ?, ?, ?)
        ON CONFLICT(kind, namespace, name) DO UPDATE SET owner_uid = excluded.owner_uid, json = excluded.json
        """,
      arguments: [
        object.name.kind, object.name.namespace, object.name.name, stored.uid, stored.ownerUID,
        Data(stored.json.bytes),
      ])
    return stored
  }

  static func delete(_ db: Database, uid: String) throws {
    try db.execute(sql: "DELETE FROM objects WHERE uid = ?", arguments: [uid])
  }
}

extension StoredObject {
  fileprivate init(_ row: Row) throws {
    let bytes: Data = row["json"]
    self.init(
      name: ObjectName(kind: row["kind"], namespace: row["namespace"], name: row["name"]), uid: row["uid"],
      ownerUID: row["owner_uid"], json: try JSONValue(parsing: [UInt8](bytes)))
  }

  /// The uid in the row and the uid in the object are the same text.
  fileprivate mutating func give(uid: String) {
    self.uid = uid
    guard json["metadata"]?["uid"]?.string != uid else { return }
    var metadata = json["metadata"] ?? .object(JSONObject())
    metadata["uid"] = .string(uid)
    json["metadata"] = metadata
  }
}
