internal import JSON

/// The claim to be made: `pvc` or `storage`, its size, class and access modes. CDI's rows 5 to 12.
struct TargetRules {
  let dataVolume: DataVolume
  let spec: JSONNode

  /// CDI's floor: an image of less than 1 MiB is a mistake in the unit.
  static let minimumSize: Int64 = 1 << 20
  static let accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
  private static let maxClassName = 253

  var refusal: Refusal? {
    guard let claim = dataVolume.claim else { return claimRefusal }
    guard claim.node.kind == .object else {
      return .invalid(dataVolume.field(claim.kind.rawValue), "must be an object that describes the disk")
    }
    return sizeRefusal(claim.kind, claim.node) ?? classRefusal(claim.kind, claim.node)
      ?? accessRefusal(claim.kind, claim.node)
  }

  private var claimRefusal: Refusal {
    let both = spec.field("pvc") != nil
    return both
      ? .invalid(
        dataVolume.field("pvc"),
        "both pvc and storage describe the disk; keep storage, which fills in what is left out, or pvc",
        .duplicate)
      : .invalid(
        dataVolume.field("storage"), "neither pvc nor storage describes the disk to be made; add one of them",
        .required)
  }

  private func sizeRefusal(_ kind: DataVolume.ClaimKind, _ claim: JSONNode) -> Refusal? {
    let field = dataVolume.field("\(kind.rawValue).resources.requests.storage")
    guard let text = claim.field("resources")?.field("requests")?.field("storage") else {
      guard needsSize(kind) else { return nil }
      let next =
        kind == .pvc ? "add it, or use storage to take the source's size" : "add it, for example 10Gi"
      return .invalid(field, "\(kind.title) size is missing; \(next)", .required)
    }
    let shown = BoundedText.quoted(text.quantityText ?? "")
    do {
      let size = try Quantity(text.quantityText ?? "")
      if !size.isPositive { return .invalid(field, "\(kind.title) size \(shown) must be greater than zero") }
      if size.value >= Self.minimumSize { return nil }
      return .invalid(
        field, "\(kind.title) size \(shown) is less than 1MiB; check the unit (M and Mi are mega, m is milli)"
      )
    } catch {
      return .invalid(field, "\(kind.title) size \(shown) is not a quantity: it \(error.message)")
    }
  }

  /// `storage` may take the size from a claim or a snapshot.
  private func needsSize(_ kind: DataVolume.ClaimKind) -> Bool {
    guard kind == .storage, !dataVolume.isExternallyPopulated else { return true }
    let source = spec.field("source")
    return spec.field("sourceRef") == nil && source?.field("pvc") == nil && source?.field("snapshot") == nil
  }

  private func classRefusal(_ kind: DataVolume.ClaimKind, _ claim: JSONNode) -> Refusal? {
    guard let name = claim.text("storageClassName"), name.utf8.count > Self.maxClassName else { return nil }
    return .invalid(
      dataVolume.field("\(kind.rawValue).storageClassName"),
      "the name of the storage class is longer than \(Self.maxClassName) characters, so no class can have it")
  }

  private func accessRefusal(_ kind: DataVolume.ClaimKind, _ claim: JSONNode) -> Refusal? {
    let field = dataVolume.field("\(kind.rawValue).accessModes")
    let modes = claim.texts("accessModes")
    if kind == .pvc, modes.isEmpty {
      return .invalid(field, "at least 1 access mode is required, for example ReadWriteOnce", .required)
    }
    if kind == .pvc, modes.count > 1 {
      return .invalid(field, "pvc takes one access mode and has \(modes.count); keep one, or use storage")
    }
    guard let unknown = modes.first(where: { !Self.accessModes.contains($0) }) else { return nil }
    let known = Self.accessModes.joined(separator: ", ")
    return .invalid(
      field, "\(BoundedText.quoted(unknown)) is no access mode; use one of \(known)", .notSupported)
  }
}
