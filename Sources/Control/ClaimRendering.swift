internal import Admission
internal import JSON

/// The claim that a clone DataVolume asks for, as CDI would make it (SEMANTICS.md c.2, c.4, c.7).
struct ClaimRendering {
  let clone: CloneDataVolume
  let disk: TargetDisk

  /// The PersistentVolumeClaim to be created. Fields of the DataVolume's claim that nobody here knows stay.
  /// - Throws: what is missing.
  func object() throws(CloneStep) -> JSONValue {
    let dataVolume = DataVolume(stored: clone.object)
    guard let claim = dataVolume.claim, claim.node.kind == .object else {
      throw problem("needs exactly one of spec.pvc and spec.storage")
    }
    guard let bytes = disk.request, bytes > 0 else {
      throw problem("says no size, and none is known of its source; request one")
    }
    var spec = claim.node.value
    if claim.kind == .storage {
      if spec["resources"]?["requests"] == nil { spec["resources"] = ["requests": [:]] }
      spec["resources"]!["requests"]!["storage"] = .string(Quantity(bytes: bytes).description)
      spec["volumeMode"] = .string(disk.volumeMode.rawValue)
      spec["accessModes"] = .array(disk.accessModes.map { .string($0) })
      if let storageClass = disk.storageClass { spec["storageClassName"] = .string(storageClass) }
    } else if claim.node.texts("accessModes").isEmpty {
      throw problem("says no access mode in spec.pvc; add one, as in accessModes: [ReadWriteOnce]")
    }
    return [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata(dataVolume), "spec": spec,
    ]
  }

  private func problem(_ text: String) -> CloneStep {
    .problem(.pending, "ErrClaimNotValid", "DataVolume \(clone.id) \(text)")
  }

  private func metadata(_ dataVolume: DataVolume) -> JSONValue {
    let own = clone.object.field("metadata")
    var annotations = JSONObject()
    own?.field("annotations")?.forEachMember { name, value in
      if let text = value.string, !Self.staysBehind(name.key) { annotations[name.key] = .string(text) }
    }
    annotations["cdi.kubevirt.io/storage.contentType"] = .string(
      (dataVolume.contentType ?? .kubevirt).rawValue)
    annotations["cdi.kubevirt.io/storage.preallocation.requested"] = .string(String(disk.preallocation))
    annotations["cdi.kubevirt.io/createdForDataVolume"] = .string(clone.uid)
    var metadata: JSONValue = [
      "name": .string(clone.id.name), "namespace": .string(clone.id.namespace),
      "annotations": .object(annotations), "ownerReferences": [owner],
    ]
    if let labels = own?.field("labels"), labels.kind == .object { metadata["labels"] = labels.value }
    return metadata
  }

  /// Deleting the DataVolume deletes the claim, and waits for it.
  private var owner: JSONValue {
    [
      "apiVersion": .string(CloneDataVolume.apiVersion), "kind": .string(CloneDataVolume.kind),
      "name": .string(clone.id.name), "uid": .string(clone.uid), "controller": true,
      "blockOwnerDeletion": true,
    ]
  }

  /// Annotations of the DataVolume that would mean something else, or something untrue, on its claim: our
  /// stamp, CDI's tokens and orders, what kubectl applied, and the words in which Kubernetes' binder and
  /// provisioners talk to each other.
  private static func staysBehind(_ key: String) -> Bool {
    let exact = [
      "cdi.kubevirt.io/storage.clone.token", "cdi.kubevirt.io/storage.extended.clone.token",
      "kubectl.kubernetes.io/last-applied-configuration", "cdi.kubevirt.io/storage.preallocation",
      "k8s.io/CloneRequest",
    ]
    let prefixes = [
      "clonegate.dev/", "pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/",
    ]
    return exact.contains(key) || Claim.fillMarks.contains { $0.name == key }
      || prefixes.contains { key.hasPrefix($0) }
  }
}
