internal import Authorization
internal import JSON

/// What becomes of a DataVolume's stamp: the gate alone writes it, for the clones that it accepts, and takes
/// away every other.
struct StampRule {
  let judge: Judge
  let review: Review
  let object: JSONNode

  private static let key = AcceptanceStamp.annotation
  private static let field = "metadata.annotations[\(key)]"
  private static let pointer = "/metadata/annotations/clonegate.dev~1accepted"

  private var annotations: JSONNode? { object.field("metadata")?.field("annotations") }

  // MARK: - /mutate

  /// The ruling on an accepted creation, with the patch of its stamp.
  func stamped(_ standing: CloneStanding) -> Ruling {
    var ruling = standing.ruling
    switch (judge.stamping, standing.source) {
    case (.off, _): break
    case (.with(let seal, let isAsked), let source?):
      let stamp = stamp(source, seal)
      guard isAsked(stamp.namespace) else { return .refused(Self.unasked, rule: .noKey) }
      ruling.additions.append(addition(of: stamp.text(code: seal.code)))
    case (.keyless, _?): return .refused(Self.keyless, rule: .noKey)
    case (.unasked, _?): return .refused(Self.unasked, rule: .noKey)
    case (_, nil):
      guard annotations?[Self.key] != nil else { break }
      ruling.additions.append(Addition(pointer: Self.pointer, value: nil))
    }
    return ruling
  }

  private func stamp(_ source: CloneSource, _ seal: AcceptanceSeal) -> AcceptanceStamp {
    let dataVolume = DataVolume(object, review: review)
    let prefix = object.field("metadata")?.filled("generateName") ?? ""
    return AcceptanceStamp(
      keyID: seal.keyID, time: seal.time, requester: review.user.name, source: source,
      reference: reference(dataVolume), namespace: dataVolume.namespace,
      target: dataVolume.name.isEmpty ? .generateName(prefix) : .name(dataVolume.name))
  }

  private func reference(_ dataVolume: DataVolume) -> NamespacedName? {
    guard dataVolume.spec?.field("source") == nil, let node = dataVolume.spec?.field("sourceRef") else {
      return nil
    }
    return NamespacedName(
      namespace: node.filled("namespace") ?? dataVolume.namespace, name: node.text("name") ?? "")
  }

  /// Never replaces a map that is there.
  private func addition(of text: String) -> Addition {
    guard annotations != nil else {
      return Addition(pointer: "/metadata/annotations", value: [Self.key: .string(text)])
    }
    return Addition(pointer: Self.pointer, value: .string(text))
  }

  private static let keyless = Refusal(
    code: 503, reason: "ServiceUnavailable",
    message: "the clone is allowed, but clonegate has no key to stamp it with, so its controller would not"
      + " copy it; try again, and see the gate's /readyz")

  private static let unasked = Refusal(
    code: 503, reason: "ServiceUnavailable",
    message: "the clone is allowed, but clonegate does not stamp it, because its MutatingWebhookConfiguration"
      + " has the API server send nothing from this namespace; if it was changed just now, try again")

  // MARK: - /validate

  /// An update leaves the stamp as it is: another one could only be a forgery, and without it a clone that
  /// was accepted would be refused later.
  func refusal(ofChangeFrom old: JSONNode) -> Refusal? {
    if case .off = judge.stamping { return nil }
    let before = old.field("metadata")?.field("annotations")?.field(Self.key)?.string
    let after = annotations?.field(Self.key)?.string
    switch (before, after) {
    case (nil, nil): return nil
    case (let before?, let after?) where before.isExactly(after): return nil
    default:
      return .invalid(
        Self.field, "only clonegate writes this annotation, when it accepts a clone; leave it as it is",
        .forbidden)
    }
  }
}
