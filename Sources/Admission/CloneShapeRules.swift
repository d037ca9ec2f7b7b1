internal import JSON

/// What CDI lets through at admission and fails later, or never: refused here, from the request alone.
struct CloneShapeRules {
  let dataVolume: DataVolume

  var refusal: Refusal? { volumeModeRefusal ?? archiveRefusal ?? sourceNameRefusal ?? selfRefusal }

  private var volumeModeField: String {
    dataVolume.field("\(dataVolume.claim?.kind.rawValue ?? "storage").volumeMode")
  }

  /// `FromStorageProfile` is what CDI writes into a `storage` that leaves the mode to the class.
  private var volumeModeRefusal: Refusal? {
    guard let claim = dataVolume.claim, let mode = claim.node.field("volumeMode") else { return nil }
    let text = mode.string ?? ""
    if VolumeMode(rawValue: text) != nil || text.isEmpty && mode.string != nil { return nil }
    if claim.kind == .storage, text == "FromStorageProfile" { return nil }
    return .invalid(
      volumeModeField, "\(BoundedText.quoted(text)) is no volume mode; use Filesystem or Block", .notSupported
    )
  }

  private var archiveRefusal: Refusal? {
    guard dataVolume.contentType == .archive,
      dataVolume.claim?.node.text("volumeMode") == VolumeMode.block.rawValue
    else { return nil }
    return .invalid(
      volumeModeField,
      "an archive is unpacked into a filesystem and cannot be written to a Block volume; "
        + "use volumeMode Filesystem, or contentType kubevirt for a disk image")
  }

  private var sourceNameRefusal: Refusal? {
    for kind in ["pvc", "snapshot"] {
      guard let source = dataVolume.spec?.field("source")?.field(kind) else { continue }
      let namespace = source.filled("namespace") ?? ""
      let name = source.filled("name") ?? ""
      if let problem = NameRule.label.problem(with: namespace) {
        return wrongName("source.\(kind).namespace", namespace, problem)
      }
      if let problem = NameRule.subdomain.problem(with: name) {
        return wrongName("source.\(kind).name", name, problem)
      }
    }
    return nil
  }

  private func wrongName(_ path: String, _ name: String, _ problem: String) -> Refusal {
    .invalid(dataVolume.field(path), "nothing can be called \(BoundedText.quoted(name)): \(problem)")
  }

  private var selfRefusal: Refusal? {
    guard let source = dataVolume.spec?.field("source")?.field("pvc"),
      NamespacedName(namespace: source.filled("namespace") ?? "", name: source.filled("name") ?? "")
        == dataVolume.id
    else { return nil }
    return .invalid(
      dataVolume.field("source.pvc.name"),
      "the source is the claim that \(dataVolume.description) would make; give the DataVolume another name")
  }
}
