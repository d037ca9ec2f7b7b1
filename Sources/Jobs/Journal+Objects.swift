import GRDB

extension Journal {
  /// Adds an object or replaces its namesake of the same uid; what was stored comes back, with its uid.
  /// Throws `conflict` when the namesake has another uid.
  @discardableResult
  package func store(_ object: StoredObject) async throws(JournalError) -> StoredObject {
    try await write { try ObjectTable.store($0, object) }
  }

  package func object(_ name: ObjectName) async throws(JournalError) -> StoredObject? {
    try await read { try ObjectTable.fetch($0, name) }
  }

  /// All objects, in order of kind, namespace and name; nil means any.
  package func objects(
    kind: String? = nil, namespace: String? = nil
  ) async throws(JournalError) -> [StoredObject] {
    try await read { try ObjectTable.fetch($0, kind: kind, namespace: namespace) }
  }

  /// Deletes the object and everything that it owns; answers what was deleted, owner first. The jobs of
  /// deleted DataVolumes stop, and the worker removes their volumes. What has no owner is never touched.
  ///
  /// Throws `notFound`, or `conflict` when `uid` is given and is not the object's.
  @discardableResult
  package func delete(_ name: ObjectName, uid: String? = nil) async throws(JournalError) -> [ObjectName] {
    try await write { db in
      guard let object = try ObjectTable.fetch(db, name) else {
        throw JournalError(.notFound, "\(name) not found")
      }
      if let uid, uid != object.uid {
        throw JournalError(
          .conflict, "\(name) has uid \(object.uid), not \(uid): it was deleted and made again")
      }
      return try Self.deleteTree(db, object)
    }
  }

  /// Owner references cannot make a loop that is walked twice: an object is deleted before its dependents are
  /// read.
  private static func deleteTree(_ db: Database, _ root: StoredObject) throws -> [ObjectName] {
    var deleted: [ObjectName] = []
    var pending = [root]
    while let object = pending.popLast() {
      try ObjectTable.delete(db, uid: object.uid)
      if object.name.kind == DataVolume.kind { try removeJob(db, object.name) }
      deleted.append(object.name)
      pending += try ObjectTable.fetch(db, ownedBy: object.uid).reversed()
    }
    return deleted
  }

  private static func removeJob(_ db: Database, _ name: ObjectName) throws {
    try db.execute(
      sql: """
        UPDATE jobs SET removed = 1, removed_at = ?, cancel = 1
        WHERE removed = 0 AND namespace = ? AND name = ?
        """, arguments: [MachineClock.now(), name.namespace, name.name])
  }
}
