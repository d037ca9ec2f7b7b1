import GRDB

extension Journal {
  /// Makes what was accepted durable: one job for each key that is new, its DataVolume, and the object that
  /// was submitted when that is another one (a VirtualMachine, or a DataVolume that is no clone). All or
  /// nothing.
  ///
  /// Many calls at once share one commit. Throws `conflict` when another object already has the submitted
  /// one's name.
  package func record(
    _ requests: [CloneRequest], object: StoredObject? = nil
  ) async throws(JournalError) -> [Recorded] {
    try await write { db in
      let covered = object.map { submitted in
        requests.contains { DataVolume.name(of: $0.terms) == submitted.name }
      }
      if let object, covered == false { try ObjectTable.store(db, object) }
      let recorded = try requests.map { try Self.record(db, $0) }
      if covered == true, let name = object?.name, recorded.contains(where: \.isTaken) {
        throw JournalError(.conflict, "DataVolume \(name.namespace)/\(name.name) exists already")
      }
      return recorded
    }
  }

  private static func record(_ db: Database, _ request: CloneRequest) throws -> Recorded {
    if try isKnown(db, request) { return Recorded(key: request.key, outcome: .already) }
    let name = DataVolume.name(of: request.terms)
    if let holder = try ObjectTable.fetch(db, name) {
      return Recorded(key: request.key, outcome: .taken(by: holder.uid))
    }
    var object = StoredObject(request.object) ?? StoredObject(name: name, uid: "", json: request.object)
    object.name = name
    object.ownerUID = request.terms.owner?.uid ?? object.ownerUID
    let stored = try ObjectTable.store(db, object)
    try JobTable.insert(db, key: request.key, uid: stored.uid, request.terms)
    return Recorded(key: request.key, outcome: .new)
  }

  /// A uid never comes back, so a repeat is known even after its DataVolume was deleted. A key made of names
  /// can come back: its DataVolume may have been deleted and made again.
  private static func isKnown(_ db: Database, _ request: CloneRequest) throws -> Bool {
    let isMadeOfNames = request.key == "\(request.terms.namespace)/\(request.terms.name)"
    return try Bool.fetchOne(
      db, sql: "SELECT EXISTS(SELECT 1 FROM jobs WHERE key = ? AND removed <= ?)",
      arguments: [request.key, isMadeOfNames ? 0 : 2]) ?? false
  }
}

extension Recorded {
  fileprivate var isTaken: Bool { if case .taken = outcome { true } else { false } }
}

/// The kind that this room knows by name.
enum DataVolume {
  static let kind = "DataVolume"
  static func name(of terms: CloneTerms) -> ObjectName {
    ObjectName(kind: kind, namespace: terms.namespace, name: terms.name)
  }
}
