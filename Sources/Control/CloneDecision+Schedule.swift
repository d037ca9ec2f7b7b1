internal import Admission
internal import JSON

/// Rows about a copy that could begin: both claims are bound.
extension CloneDecision {
  func scheduleCopy(_ disks: CloneDisks) throws(CloneStep) -> CloneStep {
    let order = try readyOrder(disks)
    let node = VolumeCopy.nodeLabel(order.nodeName)
    let object: JSONValue = [
      "apiVersion": .string(VolumeCopy.apiVersion), "kind": .string(VolumeCopy.kind),
      "metadata": [
        "name": .string(clone.uid), "namespace": .string(situation.settings.namespace),
        "labels": .object([Control.nodeLabel: .string(node)]),
        "finalizers": [.string(Control.copierFinalizer)],
      ],
      "spec": order.json,
    ]
    return CloneStep.wait(
      .cloneScheduled, "Pending", "attempt 1: waiting for the copier on node \(order.nodeName)"
    ).doing([.createOrder(object)])
  }

  /// The first attempt of the copy, when nothing is in its way.
  func readyOrder(_ disks: CloneDisks) throws(CloneStep) -> VolumeCopyOrder {
    let source = try populatedSource(disks.source)
    guard let sourceVolume = source.boundVolume else {
      throw CloneStep.problem(
        .pending, "CloneSourceNotBound",
        "The source pvc \(source.description) says that it is bound, but its volume does not name it"
      ).waking(after: ControlTiming.poll)
    }
    guard source.uid != disks.target.uid, sourceVolume.uid != disks.targetVolume.uid else {
      throw invalid("source and target are the same volume")
    }
    try requireRoom(source, disks.target)
    let node = try commonNode(sourceVolume, disks.targetVolume)
    try requireUnused(disks.target)
    try requireQuiet(disks.source)
    return VolumeCopyOrder(
      dataVolume: .init(namespace: clone.id.namespace, name: clone.id.name, uid: clone.uid),
      source: disk(source, sourceVolume), target: disk(disks.target, disks.targetVolume), nodeName: node,
      preallocation: targetDisk(disks.source).preallocation,
      verification: situation.settings.verification)
  }

  private func disk(_ claim: StoredClaim, _ volume: StoredClaim.BoundVolume) -> VolumeCopyOrder.Disk {
    .init(
      namespace: claim.claim.id.namespace, claim: claim.claim.id.name, claimUID: claim.uid,
      volume: volume.name, volumeUID: volume.uid, mode: claim.claim.volumeMode)
  }

  /// What is usable of the target holds what is usable of the source (CDI's last stage, SEMANTICS.md c.4). A
  /// size that nobody declares is measured by the copier.
  private func requireRoom(_ source: StoredClaim, _ target: StoredClaim) throws(CloneStep) {
    guard let from = source.capacity, let to = target.capacity else { return }
    let (needed, room) = (usable(from, of: source), usable(to, of: target))
    guard room < needed else { return }
    throw invalid(
      "the target is smaller than the source: PVC \(target.description) has room for \(room) bytes of its "
        + "\(to), the source pvc \(source.description) holds up to \(needed) of its \(from); request more")
  }

  private func usable(_ bytes: Int64, of claim: StoredClaim) -> Int64 {
    guard claim.claim.volumeMode == .filesystem else { return bytes }
    let inventory = Inventory(claim: nil, volume: nil, classes: situation.storageClasses, profiles: [])
    let overhead = situation.settings.admission.filesystemOverhead.fraction(
      storageClass: claim.claim.storageClass, fallback: inventory.defaultClass)
    return FilesystemOverhead.usable(of: bytes, overhead: overhead)
  }

  /// Copiers copy between paths of their own node, and nothing else.
  private func commonNode(
    _ source: StoredClaim.BoundVolume, _ target: StoredClaim.BoundVolume
  ) throws(CloneStep) -> String {
    let from = try node(of: source, "source", remedy: Self.leaveToCDI)
    let to = try node(of: target, "target", remedy: "use a StorageClass of local volumes for the target")
    guard from == to else {
      throw .problem(
        .pending, "VolumesOnDifferentNodes",
        "PersistentVolume \(BoundedText.plain(source.name)) of the source is on node "
          + "\(BoundedText.plain(from)), \(BoundedText.plain(target.name)) of the target on node "
          + "\(BoundedText.plain(to)): volumes are copied on one node only; delete the DataVolume and clone "
          + "onto a volume of node \(BoundedText.plain(from))")
    }
    return from
  }

  /// Found before the claim is made: a claim that nobody can fill takes room and quota.
  func requireReachable(_ source: StoredClaim) throws(CloneStep) {
    guard let volume = source.boundVolume else { return }
    _ = try node(of: volume, "source", remedy: Self.leaveToCDI)
  }

  private static let leaveToCDI = "let CDI clone it (clonegate control --copying=cdi)"

  private func node(
    of volume: StoredClaim.BoundVolume, _ side: String, remedy: String
  ) throws(CloneStep) -> String {
    let name = "PersistentVolume \(BoundedText.plain(volume.name)) of the \(side)"
    if case .other(let kind) = volume.place.storage {
      throw .problem(
        .pending, "StorageNotLocal",
        "\(name) is \(kind): only local and hostPath volumes are copied here; \(remedy)")
    }
    guard let node = volume.place.node else {
      throw .problem(
        .pending, "VolumeNotOnOneNode",
        "\(name) does not say which node it is on; give it a nodeAffinity for one kubernetes.io/hostname")
    }
    return node
  }
}
