internal import JSON

/// A claim of the DataVolume's name exists already. CDI's row 4: only a claim that is meant for it may be
/// taken over.
struct TargetClaimRule {
  let dataVolume: DataVolume
  let judge: Judge

  var refusal: Refusal? {
    guard let claim = judge.inventory.claims[dataVolume.id], !judge.isRepeated(dataVolume) else { return nil }
    if claim.populatedFor == dataVolume.name || isAdopted(claim) || claim.isOwnedByDataVolume { return nil }
    return .invalid(
      dataVolume.metadataField("name"),
      "PersistentVolumeClaim \(dataVolume.id) already exists; choose another name, delete the claim, or set "
        + "the annotation \(DataVolume.allowClaimAdoption): \"true\" to take it over as it is",
      .duplicate)
  }

  /// KubeVirt sets the annotation on what it makes from a template, unless it is there.
  private func isAdopted(_ claim: Claim) -> Bool {
    let uid = dataVolume.node.field("metadata")?.filled("uid")
    if let uid, claim.createdForDataVolume == uid { return false }
    guard dataVolume.has(DataVolume.allowClaimAdoption) else {
      return judge.settings.claimAdoption || dataVolume.template != nil
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
