internal import JSON

/// A claim of the DataVolume's name exists already. CDI's row 4: only a claim that is meant for it may be
/// taken over.
struct TargetClaimRule {
  let dataVolume: DataVolume
  let judge: Judge

  var refusal: Refusal? {
    guard let claim = judge.inventory.claims[dataVolume.id], !judge.isRepeated(dataVolume) else { return nil }
    if claim.isOwnedByDataVolume || claim.isAdopted(by: dataVolume, settings: judge.settings) { return nil }
    let remedy =
      claim.isUnfinished
      ? "holds an unfinished copy, made for an earlier DataVolume; delete the claim, or choose another name"
      : "choose another name, delete the claim, or set the annotation \(DataVolume.allowClaimAdoption): "
        + "\"true\" to take it over as it is"
    return .invalid(
      dataVolume.metadataField("name"),
      "PersistentVolumeClaim \(dataVolume.id) already exists\(claim.isUnfinished ? " and " : "; ")\(remedy)",
      .duplicate)
  }
}

extension Claim {
  /// Whether the DataVolume of its name takes it over as it is: it is populated for it, or may be adopted
  /// (CDI, `AllowClaimAdoption`). One that a DataVolume controls is that one's. One whose copy never ended
  /// (as `kubectl delete --cascade=orphan` leaves it) is nobody's disk; CDI would take it.
  package func isAdopted(by dataVolume: DataVolume, settings: AdmissionSettings) -> Bool {
    !isOwnedByDataVolume
      && (populatedFor == dataVolume.name
        || (!isUnfinished && mayBeAdopted(by: dataVolume, settings: settings)))
  }

  /// KubeVirt sets the annotation on what it makes from a template, unless it is there.
  private func mayBeAdopted(by dataVolume: DataVolume, settings: AdmissionSettings) -> Bool {
    let uid = dataVolume.node.field("metadata")?.filled("uid")
    if let uid, createdForDataVolume == uid { return false }
    guard dataVolume.has(DataVolume.allowClaimAdoption) else {
      return settings.claimAdoption || dataVolume.template != nil
    }
    let text = dataVolume.annotation(DataVolume.allowClaimAdoption) ?? ""
    return ["1", "t", "T", "TRUE", "true", "True"].contains(text)
  }
}

extension Judge {
  /// Whether this very DataVolume is known: an API server may send one creation twice, and its claim may
  /// have been made in between. Who records the clone recognizes it by its key.
  func isRepeated(_ dataVolume: DataVolume) -> Bool {
    guard let uid = dataVolume.node.field("metadata")?.filled("uid") else { return false }
    return inventory.dataVolumes[dataVolume.id]?.isExactly(uid) == true
  }
}
