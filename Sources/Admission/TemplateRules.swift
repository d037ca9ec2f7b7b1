internal import JSON

/// What makes a template of a VirtualMachine valid. First KubeVirt's own rules (`data-volume-template.go`);
/// a template that clones must also be a DataVolume that would be accepted, for it becomes one.
struct TemplateRules {
  let machine: VirtualMachine
  let dataVolume: DataVolume
  let judge: Judge

  var refusal: Refusal? {
    identityRefusal ?? targetRefusal ?? sourceRefusal ?? referenceRefusal ?? cloneRefusal
  }

  private var index: Int { dataVolume.template ?? 0 }
  private var path: String { "spec.dataVolumeTemplates[\(index)]" }

  private var identityRefusal: Refusal? {
    let metadata = dataVolume.node.field("metadata")
    if let namespace = metadata?.filled("namespace"), !namespace.isExactly(machine.namespace) {
      let (own, other) = (BoundedText.quoted(machine.namespace), BoundedText.quoted(namespace))
      return .invalid(
        "\(path).metadata.namespace", "the disk's namespace \(other) is not the machine's \(own); remove it")
    }
    guard dataVolume.name.isEmpty else { return nil }
    return .invalid(
      "\(path).metadata.name", "the disk has no name; give it one and refer to it in the volumes", .required)
  }

  private var targetRefusal: Refusal? {
    guard dataVolume.claim == nil else { return nil }
    let both = dataVolume.spec?.field("pvc") != nil
    return both
      ? .invalid(dataVolume.field("pvc"), "both pvc and storage describe the disk; keep one", .duplicate)
      : .invalid(
        dataVolume.field("storage"), "neither pvc nor storage describes the disk; add one", .required)
  }

  private var sourceRefusal: Refusal? {
    let source = dataVolume.spec?.field("source")
    let hasReference = dataVolume.spec?.field("sourceRef") != nil
    if dataVolume.isExternallyPopulated {
      guard source != nil || hasReference else { return nil }
      return .invalid(
        dataVolume.field("source"),
        "the disk's dataSource already says where its content comes from; keep one")
    }
    guard let source else {
      if hasReference { return nil }
      return .invalid(
        dataVolume.field("source"), "nothing says where the content comes from; add source or sourceRef",
        .required)
    }
    let present = SourceRules.kinds.filter { source.field($0) != nil }
    if present.count == 1 { return nil }
    let found =
      present.isEmpty
      ? "is empty; add one of \(SourceRules.kinds.joined(separator: ", "))"
      : "has \(present.joined(separator: ", ")); keep one"
    return .invalid(dataVolume.field("source"), "the source \(found)")
  }

  private var referenceRefusal: Refusal? {
    if machine.volumes.disks.contains(dataVolume.name) { return nil }
    let name = BoundedText.quoted(dataVolume.name)
    return .invalid(
      path, "no volume of the machine uses the disk \(name); add one with dataVolume.name: \(name)", .required
    )
  }

  /// Imports and blank disks are judged when KubeVirt creates their DataVolume.
  private var cloneRefusal: Refusal? {
    let source = dataVolume.spec?.field("source")
    let isClone =
      source?.field("pvc") != nil || source?.field("snapshot") != nil
      || dataVolume.spec?.field("sourceRef") != nil
    return isClone ? DataVolumeRules(dataVolume: dataVolume, judge: judge).creationRefusal : nil
  }
}
