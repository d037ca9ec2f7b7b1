internal import Admission
internal import JSON

/// A PersistentVolumeClaim and the volume that it names, as far as the controller judges them.
struct StoredClaim {
  let object: JSONNode
  let volume: JSONNode?
  /// Sizes, modes and class, as the gate reads them.
  let claim: Claim
  let uid: String
  let phase: String
  let isBeingDeleted: Bool
  /// Whoever controls it.
  let controller: Controller?

  init?(_ object: JSONNode?, volume: JSONNode?) {
    guard let object, let metadata = object.field("metadata"), let name = metadata.filled("name"),
      let namespace = metadata.filled("namespace")
    else { return nil }
    self.object = object
    self.volume = volume
    claim = Claim(object, id: NamespacedName(namespace: namespace, name: name))
    uid = metadata.text("uid") ?? ""
    phase = object.field("status")?.text("phase") ?? ""
    isBeingDeleted = metadata.field("deletionTimestamp") != nil
    controller = Controller(of: object)
  }

  /// `a/b`, safe to print.
  var description: String { claim.id.safe }

  func annotation(_ key: String) -> String? {
    object.field("metadata")?.field("annotations")?.text(key)
  }

  /// Presence counts, whatever the value.
  func has(_ annotation: String) -> Bool {
    object.field("metadata")?.field("annotations")?.field(annotation) != nil
  }

  /// CDI: absent and unknown mean kubevirt.
  var contentType: ContentType {
    annotation("cdi.kubevirt.io/storage.contentType").flatMap { ContentType(rawValue: $0) } ?? .kubevirt
  }

  /// Bytes: what was provisioned, else what the volume declares, else what was asked for.
  var capacity: Int64? {
    let declared = volume?.field("spec")?.field("capacity")?.quantity("storage")?.value
    return claim.capacity ?? declared ?? claim.requested
  }

  /// The volume, when claim and volume name each other: a claim that says it is bound to a volume proves
  /// nothing, since whoever may write claims can say so.
  var boundVolume: BoundVolume? {
    guard phase == "Bound", let name = claim.volumeName, let volume, let metadata = volume.field("metadata"),
      metadata.text("name") == name, let volumeUID = metadata.filled("uid"), !uid.isEmpty,
      let reference = volume.field("spec")?.field("claimRef"),
      reference.text("namespace") == claim.id.namespace, reference.text("name") == claim.id.name,
      reference.text("uid") == uid
    else { return nil }
    return BoundVolume(name: name, uid: volumeUID, place: VolumePlace(volume))
  }

  struct Controller {
    let kind: String
    let name: String
    let uid: String

    var isDataVolume: Bool { kind == CloneDataVolume.kind }

    /// - Parameter claim: the PersistentVolumeClaim.
    init?(of claim: JSONNode) {
      var owner: JSONNode?
      claim.field("metadata")?.field("ownerReferences")?.forEachElement {
        if $0.field("controller")?.bool == true { owner = $0 }
      }
      guard let owner else { return nil }
      kind = owner.text("kind") ?? ""
      name = owner.text("name") ?? ""
      uid = owner.text("uid") ?? ""
    }
  }

  struct BoundVolume {
    let name: String
    let uid: String
    let place: VolumePlace
  }
}
