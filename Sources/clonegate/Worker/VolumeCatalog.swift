import Admission
import JSON

/// The volumes and claims of the standalone directory at one moment, as the worker needs them.
struct VolumeCatalog: Sendable {
  let inventory: Inventory
  /// PersistentVolumes that a claim names.
  let claimed: Set<String>
  /// The class of a claim that names none; nil when no class is the default.
  let defaultClass: String?

  init(objects: [JSONValue] = []) {
    inventory = Inventory.build(from: objects.map { JSONNode($0) }).inventory
    claimed = Set(
      objects.filter { $0["kind"]?.string == "PersistentVolumeClaim" }
        .compactMap { $0["spec"]?["volumeName"]?.string }.filter { !$0.isEmpty })
    defaultClass =
      objects.first {
        $0["kind"]?.string == "StorageClass"
          && $0["metadata"]?["annotations"]?["storageclass.kubernetes.io/is-default-class"]?.string == "true"
      }?["metadata"]?["name"]?.string
  }

  /// The volume that a claim names, or that is kept for it, whether the claim is in the directory or not.
  func volume(of id: NamespacedName) -> Volume? {
    inventory.claim(id).flatMap { inventory.volume(of: $0) } ?? inventory.allVolumes.first { $0.claim == id }
  }
}
