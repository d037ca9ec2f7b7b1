import Authorization
import JSON
import Jobs

/// Deletes as an API server and its garbage collector do: what an object owns goes with it, and nothing else.
extension LocalAPIServer {
  struct Deleted: Sendable {
    let kind: ObjectKind
    let name: String
    /// Of what the journal kept.
    var uid: String?
    /// What went with it.
    var dependents: [ObjectName] = []
    var warnings: [String] = []
  }

  func delete(_ kind: ObjectKind, namespace: String, name: String) async throws -> Deleted {
    guard kind.keeping == .judged else {
      guard try FileObjects(server: self).delete(kind, namespace: namespace, name: name) else {
        throw ServerRefusal.notFound(kind, name)
      }
      return Deleted(kind: kind, name: name)
    }
    let id = ObjectName(kind: kind.kind, namespace: namespace, name: name)
    guard let stored = try await journal.object(id) else { throw ServerRefusal.notFound(kind, name) }
    let reviews = ReviewBuilder(kind: kind, user: user, isDryRun: isDryRun)
    let warnings = try await gate.delete(stored.json, reviews)
    var deleted = Deleted(kind: kind, name: name, uid: stored.uid, warnings: warnings)
    guard !isDryRun else { return deleted }
    let owned = try await dependents(of: stored)
    deleted.dependents = Array(try await journal.delete(id, uid: stored.uid).dropFirst())
    for object in owned { deleted.warnings += try await announce(object) }
    return deleted
  }

  /// Everything that the object owns, and what that owns.
  private func dependents(of root: StoredObject) async throws -> [StoredObject] {
    let all = try await journal.objects()
    var found: [StoredObject] = []
    var owners: Set<String> = [root.uid]
    while true {
      let next = all.filter { object in
        object.ownerUID.map(owners.contains) == true && !owners.contains(object.uid)
      }
      guard !next.isEmpty else { return found }
      found += next
      owners.formUnion(next.map(\.uid))
    }
  }

  /// The garbage collector's deletions are reviewed like anybody's.
  private func announce(_ object: StoredObject) async throws -> [String] {
    guard let kind = ObjectKind.named(object.name.kind) else { return [] }
    let collector = UserInfo.serviceAccount(namespace: "kube-system", name: "generic-garbage-collector")
    return try await gate.delete(object.json, ReviewBuilder(kind: kind, user: collector))
  }
}
