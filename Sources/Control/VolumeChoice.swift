internal import Admission
internal import JSON

/// Which free volume a claim is bound to when it is not to wait for a Pod: the smallest that it fits on the
/// source's node, as Kubernetes' own binder takes it.
struct VolumeChoice {
  let claim: StoredClaim
  /// Where the source is.
  let node: String
  let volumes: [JSONNode]

  private struct Candidate {
    let name: String
    let capacity: Int64
    let resourceVersion: String
  }

  var step: CloneStep {
    get throws(CloneStep) {
      if volumes.contains(where: isReserved) {
        return .wait(.pending, "Pending", "PVC \(claim.claim.id.name) Pending")
      }
      guard claim.object.field("spec")?.field("selector") == nil else {
        throw problem("it selects volumes by label; bind it by hand, or leave the selector out")
      }
      guard let best = candidates.min(by: { ($0.capacity, $0.name) < ($1.capacity, $1.name) }) else {
        throw problem("no free PersistentVolume on node \(BoundedText.plain(node)) has \(wanted); make one")
      }
      return CloneStep.wait(.pending, "Pending", "PVC \(claim.claim.id.name) Pending").doing([
        .bindVolume(name: best.name, resourceVersion: best.resourceVersion, claimRef: reference)
      ])
    }
  }

  private func problem(_ why: String) -> CloneStep {
    .problem(.pending, "NoVolumeToBind", "PVC \(claim.claim.id.name) cannot be bound at once: \(why)")
  }

  private var wanted: String {
    let storageClass = BoundedText.plain(claim.claim.storageClass ?? "")
    let modes = claim.claim.accessModes.map { BoundedText.plain($0) }.joined(separator: "+")
    return "StorageClass \(storageClass), \(claim.claim.volumeMode.rawValue), \(modes) and at least "
      + "\(claim.claim.requested ?? 0) bytes"
  }

  private var reference: JSONValue {
    [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.claim.id.namespace),
      "name": .string(claim.claim.id.name), "uid": .string(claim.uid),
    ]
  }

  /// Kept for this claim already: the binder does the rest.
  private func isReserved(_ volume: JSONNode) -> Bool {
    guard let reference = volume.field("spec")?.field("claimRef"),
      reference.text("namespace") == claim.claim.id.namespace, reference.text("name") == claim.claim.id.name
    else { return false }
    let uid = reference.filled("uid")
    return uid == nil || uid == claim.uid
  }

  private var candidates: [Candidate] {
    volumes.compactMap { object in
      guard let metadata = object.field("metadata"), let name = metadata.filled("name"),
        metadata.field("deletionTimestamp") == nil,
        object.field("status")?.text("phase") == "Available",
        object.field("spec")?.field("claimRef") == nil
      else { return nil }
      let volume = Volume(object, name: name)
      let place = VolumePlace(object)
      guard case .path = place.storage, place.node == node,
        (volume.storageClass ?? "") == (claim.claim.storageClass ?? ""),
        volume.volumeMode == claim.claim.volumeMode, let capacity = volume.capacity,
        capacity >= claim.claim.requested ?? 0,
        Set(claim.claim.accessModes).isSubset(of: volume.accessModes)
      else { return nil }
      return Candidate(
        name: name, capacity: capacity, resourceVersion: metadata.text("resourceVersion") ?? "")
    }
  }
}
