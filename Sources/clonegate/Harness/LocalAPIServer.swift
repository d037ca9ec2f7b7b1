import Authorization
import JSON
import Jobs

/// Plays the API server for one machine: the gate is its webhook, the journal its storage for what the gate
/// judges, a directory of YAML its storage for everything else. It does not authorize the request itself
/// (whether alice may create DataVolumes at all is the cluster's business); it asks who may clone, through
/// the gate.
struct LocalAPIServer: Sendable {
  let gate: GateCaller
  let storage: JournalOnDemand
  /// Nil when no directory is known: then only what the gate judges can be changed.
  let directory: StandaloneDirectory?
  var user: UserInfo
  var isDryRun = false

  struct Applied: Sendable {
    enum Change: String, Sendable { case created, configured, unchanged }
    let kind: ObjectKind
    let change: Change
    let object: JSONValue
    var warnings: [String] = []

    var name: String { object["metadata"]?["name"]?.string ?? "" }
  }

  var journal: Journal { get throws { try storage.open() } }

  /// Creates or changes an object as `kubectl apply` does; one with `generateName` only is created.
  func apply(_ manifest: JSONValue, namespace: String) async throws -> Applied {
    let (kind, manifest) = try admissible(manifest, namespace: namespace)
    switch kind.keeping {
    case .file: return try FileObjects(server: self).apply(manifest, kind)
    case .judged: return try await applyJudged(manifest, kind)
    }
  }

  private func applyJudged(_ manifest: JSONValue, _ kind: ObjectKind) async throws -> Applied {
    let metadata = manifest["metadata"]
    guard let name = metadata?["name"]?.string, !name.isEmpty else {
      return try await create(manifest, kind, manager: "kubectl-create")
    }
    let id = ObjectName(kind: kind.kind, namespace: metadata?["namespace"]?.string ?? "", name: name)
    let wanted = ThreeWayMerge.annotated(manifest)
    guard let stored = try await journal.object(id) else {
      return try await create(wanted, kind, manager: "kubectl-client-side-apply")
    }
    let merged = ThreeWayMerge.merge(manifest: wanted, into: stored.json)
    guard merged != stored.json else {
      var applied = Applied(kind: kind, change: .unchanged, object: merged)
      // A run that was cut off may have left templates without their DataVolumes.
      if !isDryRun { applied.warnings = try await makeTemplates(of: stored.json, kind) }
      return applied
    }
    return try await update(merged, stored, kind)
  }

  /// Mutate, name, validate, store.
  func create(_ manifest: JSONValue, _ kind: ObjectKind, manager: String) async throws -> Applied {
    let time = ObjectLifecycle.time()
    let reviews = ReviewBuilder(kind: kind, user: user, fieldManager: manager, isDryRun: isDryRun)
    let submitted = ObjectLifecycle.submitted(manifest, manager: manager, time: time)
    let (mutated, early) = try await gate.mutate(submitted, reviews)
    let object = ObjectLifecycle.named(mutated, time: time)
    try checkNames(object, kind)
    let late = try await gate.validate(.create(object), reviews)
    var applied = Applied(kind: kind, change: .created, object: object, warnings: early + late)
    guard !isDryRun else { return applied }
    try await storeIfAbsent(object, kind)
    applied.warnings += try await makeTemplates(of: object, kind)
    return applied
  }

  private func update(_ merged: JSONValue, _ stored: StoredObject, _ kind: ObjectKind) async throws -> Applied
  {
    let manager = "kubectl-client-side-apply"
    let reviews = ReviewBuilder(kind: kind, user: user, fieldManager: manager, isDryRun: isDryRun)
    var old = stored.json
    old["metadata"]?["uid"] = .string(stored.uid)
    var object = ObjectLifecycle.updated(merged, old: old, manager: manager, time: ObjectLifecycle.time())
    let warnings: [String]
    do { warnings = try await gate.validate(.update(object, old: old), reviews) } catch var
      refusal as ServerRefusal
    {
      refusal.doing = "patching"
      throw refusal
    }
    var applied = Applied(kind: kind, change: .configured, object: object, warnings: warnings)
    guard !isDryRun else { return applied }
    object["metadata"]?["resourceVersion"] = .string(Self.next(after: old))
    try await journal.store(
      StoredObject(name: stored.name, uid: stored.uid, ownerUID: stored.ownerUID, json: object))
    applied.warnings += try await makeTemplates(of: object, kind)
    return applied
  }

  /// The gate stores what it makes a job of, before its answer leaves; everything else that it let pass is
  /// stored here.
  private func storeIfAbsent(_ object: JSONValue, _ kind: ObjectKind) async throws {
    guard let wanted = StoredObject(object) else { return }
    let known = try await journal.object(wanted.name)
    guard known?.uid != wanted.uid else { return }
    guard known == nil else {
      let resource = kind.resource + (kind.group.isEmpty ? "" : "." + kind.group)
      throw ServerRefusal(
        code: 409, reason: "AlreadyExists", message: "\(resource) \"\(wanted.name.name)\" already exists")
    }
    try await journal.store(wanted)
  }

  private static func next(after old: JSONValue) -> String {
    let version = old["metadata"]?["resourceVersion"]?.string.flatMap { Int64($0) } ?? 1
    return String(version + 1)
  }
}
