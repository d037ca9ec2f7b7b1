package import JSON

/// What the gate knows of a PersistentVolume.
package struct Volume: Sendable {
  package let name: String
  /// `spec.capacity.storage`, bytes: what the object declares, not what the device has.
  package let capacity: Int64?
  package let volumeMode: VolumeMode
  package let storageClass: String?
  package let accessModes: [String]
  /// `local.path` or `hostPath.path`; nil for volumes that are not on this machine.
  package let path: String?
  /// The claim it is bound to, or kept for.
  package let claim: NamespacedName?
}

extension Volume {
  package init(_ object: JSONNode, name: String) {
    let spec = object.field("spec")
    let place = spec?.field("local") ?? spec?.field("hostPath")
    var claim: NamespacedName?
    if let reference = spec?.field("claimRef"), let name = reference.filled("name") {
      claim = NamespacedName(namespace: reference.filled("namespace") ?? "default", name: name)
    }
    self.init(
      name: name, capacity: spec?.field("capacity")?.quantity("storage")?.value,
      volumeMode: spec?.text("volumeMode").flatMap { VolumeMode(rawValue: $0) } ?? .filesystem,
      storageClass: spec?.text("storageClassName"), accessModes: spec?.texts("accessModes") ?? [],
      path: place?.filled("path"), claim: claim)
  }
}
