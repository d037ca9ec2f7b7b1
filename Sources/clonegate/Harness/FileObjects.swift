import Authorization
import JSON

/// The objects that live as YAML files in the standalone directory: RBAC, namespaces, claims, volumes,
/// classes.
struct FileObjects: Sendable {
  let server: LocalAPIServer

  func apply(_ manifest: JSONValue, _ kind: ObjectKind) throws -> LocalAPIServer.Applied {
    var object = try named(manifest)
    for key in ["uid", "creationTimestamp", "resourceVersion", "managedFields", "generation"] {
      object["metadata"]?[key] = nil
    }
    let store = ManifestStore(directory: try directory(for: kind))
    let contents = store.directory.read()
    try Self.requireSound(contents)
    let identity = Manifest(value: object, file: "", line: 0).identity
    let old = contents.manifests.first { $0.identity == identity }?.value
    try checkRBAC(object, kind, old: old)
    let change: LocalAPIServer.Applied.Change =
      old == nil ? .created : old == object ? .unchanged : .configured
    if !server.isDryRun, change != .unchanged { _ = try store.store(object) }
    return LocalAPIServer.Applied(kind: kind, change: change, object: object)
  }

  /// False when there is no such object.
  func delete(_ kind: ObjectKind, namespace: String, name: String) throws -> Bool {
    let store = ManifestStore(directory: try directory(for: kind))
    try Self.requireSound(store.directory.read())
    let identity = ManifestIdentity(
      group: kind.group, kind: kind.kind, namespace: kind.isNamespaced ? namespace : "", name: name)
    if server.isDryRun {
      return store.directory.read().manifests.contains { $0.identity == identity }
    }
    return try store.remove(identity)
  }

  private func named(_ manifest: JSONValue) throws -> JSONValue {
    guard (manifest["metadata"]?["name"]?.string ?? "").isEmpty,
      let base = manifest["metadata"]?["generateName"]?.string
    else { return manifest }
    var object = manifest
    object["metadata"]?["name"] = .string(ObjectLifecycle.generatedName(base))
    return object
  }

  private func directory(for kind: ObjectKind) throws -> StandaloneDirectory {
    guard let directory = server.directory else {
      throw CommandFailure.usage(
        "where a \(kind.kind) is kept is not known",
        hint: "give --standalone DIR, the directory that the gate serves")
    }
    return directory
  }

  /// In a directory with a broken file the object may be there already, unread: writing it again could give
  /// it twice.
  private static func requireSound(_ contents: StandaloneDirectory.Contents) throws {
    guard let problem = contents.problems.first else { return }
    throw CommandFailure.failed("nothing was changed: \(problem)", hint: "correct or remove that file first")
  }

  private func checkRBAC(_ object: JSONValue, _ kind: ObjectKind, old: JSONValue?) throws {
    let node = JSONNode(object)
    let problems =
      old.map { RBACValidation.problems(of: node, replacing: JSONNode($0)) }
      ?? RBACValidation.problems(of: node)
    guard let first = problems.first else { return }
    let isUnreadable = first.reason == "BadRequest"
    let causes = problems.map { problem -> JSONValue in
      [
        "reason": .string(problem.reason), "message": .string(problem.message),
        "field": .string(problem.field),
      ]
    }
    let name = object["metadata"]?["name"]?.string ?? ""
    throw ServerRefusal(
      code: isUnreadable ? 400 : 422, reason: isUnreadable ? "BadRequest" : "Invalid",
      message: RBACValidation.message(kind: kind.kind, name: name, problems: problems),
      details: isUnreadable ? nil : ServerRefusal.details(kind, name, causes: causes))
  }
}
