import Admission
import JSON

/// The volumes and claims of the standalone directory at one moment, as the worker needs them.
struct VolumeCatalog: Sendable {
  let inventory: Inventory
  /// PersistentVolumes that claims name, and which claims do.
  private let claimants: [String: Set<NamespacedName>]
  /// The class of a claim that names none; nil when no class is the default.
  let defaultClass: String?

  init(objects: [JSONValue] = []) {
    inventory = Inventory.build(from: objects.map { JSONNode($0) }).inventory
    claimants = objects.filter { $0["kind"]?.string == "PersistentVolumeClaim" }.reduce(into: [:]) {
      all, claim in
      guard let volume = claim["spec"]?["volumeName"]?.string, let metadata = claim["metadata"] else {
        return
      }
      let id = NamespacedName(
        namespace: metadata["namespace"]?.string ?? "default", name: metadata["name"]?.string ?? "")
      all[volume, default: []].insert(id)
    }
    defaultClass =
      objects.first {
        $0["kind"]?.string == "StorageClass"
          && $0["metadata"]?["annotations"]?["storageclass.kubernetes.io/is-default-class"]?.string == "true"
      }?["metadata"]?["name"]?.string
  }

  /// The volume that is this claim's: the claim names it or it is kept for the claim, and no one else's word
  /// is against it. A claim that names another's volume stays unbound, as in Kubernetes: otherwise whoever
  /// may write a claim could read any disk.
  func volume(of id: NamespacedName) -> Volume? {
    let named = inventory.claim(id)?.volumeName.flatMap { inventory.volume(named: $0) }
    let volume = named ?? inventory.allVolumes.first { $0.claim == id }
    guard let volume else { return nil }
    if let keeper = volume.claim { return keeper == id ? volume : nil }
    return claimants[volume.name] == [id] ? volume : nil
  }

  /// No claim has a word on it.
  func isFree(_ volume: Volume) -> Bool { volume.claim == nil && claimants[volume.name] == nil }
}
