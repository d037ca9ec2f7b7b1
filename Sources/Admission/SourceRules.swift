internal import JSON

/// Where the content comes from. CDI's rows 14 to 17, 20 and 24; imports and registries have files of their
/// own.
struct SourceRules {
  let dataVolume: DataVolume
  let spec: JSONNode

  static let kinds = [
    "http", "s3", "gcs", "registry", "pvc", "upload", "blank", "imageio", "vddk", "snapshot",
  ]

  var refusal: Refusal? {
    switch (spec.field("source"), spec.field("sourceRef")) {
    case (nil, nil):
      return .invalid(
        dataVolume.field("source"), "nothing says where the content comes from; add source or sourceRef",
        .required)
    case (_?, _?):
      return .invalid(
        dataVolume.field("source"), "source and sourceRef both say where the content comes from; keep one",
        .duplicate)
    case (nil, let reference?): return referenceRefusal(reference)
    case (let source?, nil): return sourceRefusal(source)
    }
  }

  private func referenceRefusal(_ reference: JSONNode) -> Refusal? {
    guard let kind = reference.filled("kind") else {
      return .invalid(
        dataVolume.field("sourceRef.kind"), "the kind is missing; write DataSource", .required)
    }
    guard kind == "DataSource" else {
      return .invalid(
        dataVolume.field("sourceRef.kind"),
        "\(BoundedText.quoted(kind)) cannot be referred to; only DataSource can",
        .notSupported)
    }
    guard reference.filled("name") != nil else {
      return .invalid(
        dataVolume.field("sourceRef.name"), "the name of the DataSource is missing; add it", .required)
    }
    return nil
  }

  private func sourceRefusal(_ source: JSONNode) -> Refusal? {
    let present = Self.kinds.filter { source.field($0) != nil }
    guard let kind = present.first, let node = source.field(kind) else {
      let known = Self.kinds.joined(separator: ", ")
      return .invalid(dataVolume.field("source"), "the source is empty; add one of \(known)", .required)
    }
    guard present.count == 1 else {
      let found = present.joined(separator: ", ")
      return .invalid(
        dataVolume.field("source"), "a disk has one source, and this one has \(found); keep one")
    }
    return contentTypeRefusal ?? refusal(of: kind, node)
  }

  /// The empty text is kubevirt, as in CDI.
  private var contentTypeRefusal: Refusal? {
    guard let written = spec.field("contentType") else { return nil }
    guard written.string == "" || dataVolume.contentType != nil, written.string != nil else {
      let shown = BoundedText.quoted(written.string ?? "")
      return .invalid(
        dataVolume.field("contentType"), "\(shown) is no content type; use kubevirt or archive", .notSupported
      )
    }
    return nil
  }

  private func refusal(of kind: String, _ node: JSONNode) -> Refusal? {
    switch kind {
    case "pvc", "snapshot": return cloneRefusal(kind, node)
    case "blank": return blankRefusal
    case "registry": return RegistryRules(dataVolume: dataVolume, source: node).refusal
    case "upload": return nil
    default: return ImportRules(dataVolume: dataVolume, kind: kind, source: node).refusal
    }
  }

  private var blankRefusal: Refusal? {
    guard dataVolume.contentType == .archive else { return nil }
    return .invalid(
      dataVolume.field("contentType"), "a blank disk holds no archive; use contentType kubevirt")
  }

  private func cloneRefusal(_ kind: String, _ node: JSONNode) -> Refusal? {
    let what = kind == "pvc" ? "claim" : "snapshot"
    for part in ["namespace", "name"] where node.filled(part) == nil {
      let isFilledIn = kind == "pvc" && part == "namespace"
      let next = isFilledIn ? "the mutating webhook fills it in, so register both" : "add it"
      return .invalid(
        dataVolume.field("source.\(kind).\(part)"), "the \(part) of the source \(what) is missing; \(next)",
        .required)
    }
    return nil
  }
}
