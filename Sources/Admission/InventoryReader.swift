internal import JSON

/// Reads Kubernetes objects into an `Inventory`.
struct InventoryReader {
  var inventory: Inventory
  private(set) var problems: [Inventory.Problem] = []

  init(inventory: Inventory) { self.inventory = inventory }

  mutating func read(_ object: JSONNode) {
    let kind = object.text("kind") ?? ""
    let metadata = object.field("metadata")
    let namespace = metadata?.filled("namespace")
    if let namespace { inventory.namespaces.insert(namespace) }
    let understood = [
      "Namespace", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "StorageProfile",
      "DataSource", "DataVolume",
    ]
    guard understood.contains(kind) else { return }
    guard let metadata, let name = metadata.filled("name") else {
      problems.append(.init(object: kind, message: "has no metadata.name; it is left out"))
      return
    }
    switch kind {
    case "Namespace": inventory.namespaces.insert(name)
    case "StorageClass": inventory.classes[name] = StorageClass(name: name, metadata: metadata)
    case "StorageProfile": inventory.profiles[name] = StorageProfile(object)
    case "PersistentVolume": add(volume: object, name: name)
    default:
      addNamespaced(object, kind: kind, id: NamespacedName(namespace: namespace ?? "default", name: name))
    }
  }

  private mutating func addNamespaced(_ object: JSONNode, kind: String, id: NamespacedName) {
    inventory.namespaces.insert(id.namespace)
    switch kind {
    case "PersistentVolumeClaim": inventory.claims[id] = Claim(object, id: id)
    case "DataSource": inventory.dataSources[id] = DataSource(object)
    default: inventory.dataVolumes[id] = object.field("metadata")?.text("uid") ?? ""
    }
    let size = object.field("spec")?.field("resources")?.field("requests")?.field("storage")?.quantityText
    if kind == "PersistentVolumeClaim", let size, (try? Quantity(size)) == nil {
      report("PersistentVolumeClaim \(id)", "spec.resources.requests.storage", size)
    }
  }

  private mutating func add(volume object: JSONNode, name: String) {
    let volume = Volume(object, name: name)
    if let old = inventory.volumes[name]?.claim { inventory.volumesByClaim[old] = nil }
    inventory.volumes[name] = volume
    if let claim = volume.claim { inventory.volumesByClaim[claim] = name }
    let size = object.field("spec")?.field("capacity")?.field("storage")?.quantityText
    if let size, (try? Quantity(size)) == nil {
      report("PersistentVolume \(name)", "spec.capacity.storage", size)
    }
  }

  private mutating func report(_ object: String, _ field: String, _ text: String) {
    let message = "\(field) \(BoundedText.quoted(text)) is not a quantity; its size counts as unknown"
    problems.append(.init(object: object, message: message))
  }
}
