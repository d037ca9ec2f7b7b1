package import JSON

/// What the gate knows of a PersistentVolumeClaim.
package struct Claim: Sendable {
  package let id: NamespacedName
  package let storageClass: String?
  package let accessModes: [String]
  package let volumeMode: VolumeMode
  /// `spec.resources.requests.storage`, bytes.
  package let requested: Int64?
  /// `status.capacity.storage`, bytes: set by whoever provisioned the volume.
  package let capacity: Int64?
  package let volumeName: String?
  /// Annotation `cdi.kubevirt.io/storage.populatedFor`: the DataVolume whose content it already holds.
  let populatedFor: String?
  /// Annotation `createdForDataVolume`: uid of the DataVolume it was made for.
  let createdForDataVolume: String?
  /// Name of the DataVolume that is its controller.
  let owner: String?
  var isOwnedByDataVolume: Bool { owner != nil }
  /// It was made for a DataVolume, and nothing says that it was ever filled.
  package let isUnfinished: Bool
}

extension Claim {
  package init(_ object: JSONNode, id: NamespacedName) {
    let metadata = object.field("metadata")
    let spec = object.field("spec")
    let annotations = metadata?.field("annotations")
    var name: String?
    metadata?.field("ownerReferences")?.forEachElement { owner in
      if owner["controller"]?.bool == true, owner.text("kind") == "DataVolume" {
        name = owner.text("name") ?? ""
      }
    }
    self.init(
      id: id, storageClass: spec?.text("storageClassName"), accessModes: spec?.texts("accessModes") ?? [],
      volumeMode: spec?.text("volumeMode").flatMap { VolumeMode(rawValue: $0) } ?? .filesystem,
      requested: spec?.field("resources")?.field("requests")?.quantity("storage")?.value,
      capacity: object.field("status")?.field("capacity")?.quantity("storage")?.value,
      volumeName: spec?.filled("volumeName"),
      populatedFor: annotations?.text("cdi.kubevirt.io/storage.populatedFor"),
      createdForDataVolume: annotations?.text("cdi.kubevirt.io/createdForDataVolume"),
      owner: name, isUnfinished: Self.isUnfinished(annotations))
  }

  /// Annotations that say of a claim which a DataVolume was given that it holds what was asked for: ours and
  /// CDI's (SEMANTICS.md c.7), by their values; nil: any but an empty one.
  package static let fillMarks: [(name: String, value: String?)] = [
    ("k8s.io/CloneOf", "true"), ("cdi.kubevirt.io/storage.populatedFor", nil),
    ("cdi.kubevirt.io/clonePhase", "Succeeded"), ("cdi.kubevirt.io/storage.pod.phase", "Succeeded"),
  ]

  private static func isUnfinished(_ annotations: JSONNode?) -> Bool {
    guard annotations?.filled("cdi.kubevirt.io/createdForDataVolume") != nil else { return false }
    return !fillMarks.contains { mark in
      let text = annotations?.filled(mark.name)
      return text != nil && text == mark.value ?? text
    }
  }
}
