internal import JSON

/// What a class can do, from CDI's StorageProfile: sets of access modes with a volume mode, best first.
struct StorageProfile: Sendable {
  struct Offer: Sendable {
    let accessModes: [String]
    let volumeMode: VolumeMode?
  }
  let offers: [Offer]
  /// Annotation `cdi.kubevirt.io/minimumSupportedPvcSize`, bytes: smaller volumes the class does not make.
  let minimumSize: Int64?

  func offer(for mode: VolumeMode?) -> Offer? {
    guard let mode else { return offers.first }
    return offers.first { ($0.volumeMode ?? .filesystem) == mode }
  }
}

extension StorageProfile {
  /// What the controller found out (`status`), else what the administrator wrote (`spec`).
  init(_ object: JSONNode) {
    let sets =
      object.field("status")?.field("claimPropertySets") ?? object.field("spec")?.field("claimPropertySets")
    var offers: [Offer] = []
    sets?.forEachElement { set in
      let mode = set.text("volumeMode").flatMap { VolumeMode(rawValue: $0) }
      offers.append(Offer(accessModes: set.texts("accessModes"), volumeMode: mode))
    }
    let annotations = object.field("metadata")?.field("annotations")
    self.init(
      offers: offers, minimumSize: annotations?.quantity("cdi.kubevirt.io/minimumSupportedPvcSize")?.value)
  }
}
