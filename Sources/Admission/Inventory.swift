package import JSON

/// What exists, as far as admission needs it: an immutable snapshot, swapped whole when objects change.
///
/// Nothing here says who may see it: whoever answers a stranger asks `CloneAuthorizer` first.
package struct Inventory: Sendable {
  var namespaces: Set<String> = []
  var claims: [NamespacedName: Claim] = [:]
  var volumes: [String: Volume] = [:]
  var volumesByClaim: [NamespacedName: String] = [:]
  var classes: [String: StorageClass] = [:]
  var profiles: [String: StorageProfile] = [:]
  var dataSources: [NamespacedName: DataSource] = [:]
  /// With their uids, empty where there is none.
  var dataVolumes: [NamespacedName: String] = [:]
  /// Of the claims that Pods write to.
  var writers: [NamespacedName: ClaimWriters] = [:]

  package init() {}

  /// An object that could not be read; it is left out.
  package struct Problem: Sendable, Hashable {
    /// Kind and name, as far as they could be read.
    package let object: String
    package let message: String
  }

  /// Reads what it understands (Namespace, PersistentVolumeClaim, PersistentVolume, StorageClass,
  /// StorageProfile, DataSource, DataVolume); other kinds only prove that their namespace exists.
  /// Goes through `objects` once and keeps none of them.
  package static func build(
    from objects: some Sequence<JSONNode>
  ) -> (inventory: Inventory, problems: [Problem]) {
    Inventory().adding(objects)
  }

  /// A copy with more objects; one of the same kind and name takes the place of the older.
  package func adding(
    _ objects: some Sequence<JSONNode>
  ) -> (inventory: Inventory, problems: [Problem]) {
    var reader = InventoryReader(inventory: self)
    for object in objects { reader.read(object) }
    reader.inventory.chooseDefaults()
    return (reader.inventory, reader.problems)
  }

  /// A copy in which these Pods, and no others, are there.
  ///
  /// Only for who serves a controller that waits for them: `build` takes no notice of Pods.
  package func used(by pods: some Sequence<PodDisks>) -> Inventory {
    var inventory = self
    inventory.writers = [:]
    for pod in pods {
      for (name, isWritten) in pod.claims where isWritten {
        let claim = NamespacedName(namespace: pod.namespace, name: name)
        inventory.writers[claim, default: ClaimWriters()].add(pod)
      }
    }
    return inventory
  }

  /// Names of the classes to fall back to; computed once, because every review asks.
  package private(set) var defaultClass: String?
  private(set) var virtualizationClass: String?

  fileprivate mutating func chooseDefaults() {
    defaultClass = Inventory.newest(classes.values.filter(\.isDefault))
    virtualizationClass = Inventory.newest(classes.values.filter(\.isVirtualizationDefault))
  }

  /// Of several defaults Kubernetes takes the newest, then the first by name.
  private static func newest(_ candidates: [StorageClass]) -> String? {
    candidates.min { ($1.created, $0.name) < ($0.created, $1.name) }?.name
  }
}

extension Inventory {
  /// What concerns one source claim; the objects need not say their kind.
  package init(claim: JSONNode?, volume: JSONNode?, classes: [JSONNode], profiles: [JSONNode]) {
    if let claim, let metadata = claim.field("metadata"), let name = metadata.filled("name") {
      let id = NamespacedName(namespace: metadata.filled("namespace") ?? "default", name: name)
      claims[id] = Claim(claim, id: id)
    }
    if let volume, let name = volume.field("metadata")?.filled("name") {
      volumes[name] = Volume(volume, name: name)
    }
    for object in classes {
      guard let metadata = object.field("metadata"), let name = metadata.filled("name") else { continue }
      self.classes[name] = StorageClass(name: name, metadata: metadata)
    }
    for object in profiles {
      guard let name = object.field("metadata")?.filled("name") else { continue }
      self.profiles[name] = StorageProfile(object)
    }
    chooseDefaults()
  }

  package func claim(_ id: NamespacedName) -> Claim? { claims[id] }
  package func volume(named name: String) -> Volume? { volumes[name] }
  package func hasNamespace(_ name: String) -> Bool { namespaces.contains(name) }
  package func hasDataVolume(_ id: NamespacedName) -> Bool { dataVolumes[id] != nil }
  package var allVolumes: [Volume] { volumes.values.sorted { $0.name < $1.name } }

  /// The volume that a claim is bound to: by the claim's word, else by the volume's.
  package func volume(of claim: Claim) -> Volume? {
    if let name = claim.volumeName { return volumes[name] }
    return volumesByClaim[claim.id].flatMap { volumes[$0] }
  }

  /// What a claim holds at most, bytes: what was provisioned, else what its volume declares, else what it
  /// asked for.
  package func capacity(of claim: Claim) -> Int64? {
    claim.capacity ?? volume(of: claim)?.capacity ?? claim.requested
  }
}
