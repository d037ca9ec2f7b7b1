internal import Admission
internal import JSON

/// Rows about the target's claim.
extension CloneDecision {
  /// Only a claim that this very DataVolume controls is filled: anything else may hold somebody's data.
  func requireOwn(_ target: StoredClaim) throws(CloneStep) {
    let name = "PersistentVolumeClaim \(target.description)"
    guard target.controller?.uid == clone.uid else {
      guard target.controller != nil || !target.claim.isUnfinished else { throw unfinished(name) }
      throw CloneStep.problem(
        .pending, "ErrResourceExists",
        "\(name) already exists and is not managed by DataVolume \(clone.id.name): nothing is copied into "
          + "it; delete it, or choose another name"
      ).doing(removal)
    }
    try requireUsable(target)
  }

  /// The DataVolume that it was made for was deleted without it, in the middle of the copy.
  private func unfinished(_ name: String) -> CloneStep {
    CloneStep.problem(
      .pending, "ErrResourceExists",
      "\(name) already exists and holds an unfinished copy, made for an earlier DataVolume; delete it, or "
        + "choose another name"
    ).doing(removal)
  }

  private func requireUsable(_ target: StoredClaim) throws(CloneStep) {
    if target.isBeingDeleted {
      throw CloneStep.problem(
        .pending, "ErrResourceMarkedForDeletion",
        "PersistentVolumeClaim \(target.description) is marked for deletion; it is made anew when it is gone"
      ).doing(removal)
    }
    if target.phase == "Lost" {
      throw CloneStep.problem(
        .failed, "ErrClaimLost", "PVC \(clone.id.name) lost its volume; delete the DataVolume and clone again"
      ).doing(removal)
    }
  }

  /// A claim that was there before and is taken over as it is. Nothing is read for it, so nobody has to have
  /// accepted a clone. It stays without an owner: what it holds was somebody's before.
  func adopt(_ target: StoredClaim) throws(CloneStep) -> CloneStep {
    try requireUsable(target)
    guard handle == nil else { throw letGo() }
    guard target.phase == "Bound" else { return unbound(target) }
    return .wait(
      .succeeded, CloneStep.adopted,
      "PVC \(clone.id.name) was there before and is adopted; nothing was copied into it")
  }

  private func unbound(_ target: StoredClaim) -> CloneStep {
    guard waitsForConsumer(target) else { return .wait(.pending, "Pending", "PVC \(clone.id.name) Pending") }
    return .wait(
      .waitForFirstConsumer, "WaitForFirstConsumer",
      "PVC \(clone.id.name) is adopted, and bound when a Pod uses it: its StorageClass says "
        + "WaitForFirstConsumer")
  }

  /// There is no claim yet: it is made once it is known what of and that it can fit.
  func createClaim(_ source: CloneSource) throws(CloneStep) -> CloneStep {
    guard handle == nil else {
      throw CloneStep.wait(
        .pending, "CopyBeingCancelled",
        "PVC \(clone.id.name) is gone; it is made anew when the copier has let go of the old one"
      ).doing(removal)
    }
    let claim = try populatedSource(source)
    try requireReachable(claim)
    let disk = targetDisk(source)
    let fit = SourceFit(dataVolume: DataVolume(stored: clone.object), disk: disk, source: claim.claim)
    if let problem = fit.problem { throw invalid(problem) }
    let object = try ClaimRendering(clone: clone, disk: disk).object()
    return CloneStep.wait(.pending, "Pending", "PVC \(clone.id.name) is being made").doing([
      .createClaim(object)
    ])
  }

  func targetDisk(_ source: CloneSource) -> TargetDisk {
    let inventory = Inventory(
      claim: situation.sourceClaim, volume: situation.sourceVolume, classes: situation.storageClasses,
      profiles: situation.storageProfiles)
    return TargetDisk(
      inventory: inventory, settings: situation.settings.admission,
      dataVolume: DataVolume(stored: clone.object), source: source)
  }

  /// The claim has no volume yet. Most classes bind by themselves; some wait for a Pod, so that the volume is
  /// where the Pod can run.
  func bind(_ target: StoredClaim, _ source: CloneSource) throws(CloneStep) -> CloneStep {
    let pending = CloneStep.wait(.pending, "Pending", "PVC \(clone.id.name) Pending")
    guard handle == nil else { throw pending.doing(removal) }
    guard target.phase == "Pending" || target.phase.isEmpty else { throw pending }
    let isChosen = target.claim.volumeName != nil || target.has("volume.kubernetes.io/selected-node")
    guard !isChosen, waitsForConsumer(target) else { return pending }
    guard Control.wantsVolumes(dataVolume: situation.dataVolume, targetClaim: situation.targetClaim) else {
      return .wait(
        .waitForFirstConsumer, "WaitForFirstConsumer",
        "PVC \(clone.id.name) is bound when a Pod uses it: its StorageClass says WaitForFirstConsumer; the "
          + "annotation \(Control.immediateBinding) on the DataVolume binds it at once")
    }
    let claim = try existingSource(source)
    guard let place = claim.boundVolume?.place, let node = place.node else {
      throw .problem(
        .pending, "NoVolumeToBind",
        "PVC \(clone.id.name) cannot be bound at once: the volume of the source pvc \(claim.description) is "
          + "not on one node")
    }
    return try VolumeChoice(claim: target, node: node, volumes: situation.volumes).step
  }

  private func waitsForConsumer(_ target: StoredClaim) -> Bool {
    guard let name = target.claim.storageClass, !name.isEmpty else { return false }
    let storageClass = situation.storageClasses.first { $0.field("metadata")?.text("name") == name }
    return storageClass?.text("volumeBindingMode") == "WaitForFirstConsumer"
  }
}
