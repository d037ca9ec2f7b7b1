package import JSON

/// Whether a stored DataVolume bears the gate's stamp for what it asks.
package enum AcceptanceCheck: Sendable, Hashable {
  /// No stamp: the gate never saw it, or it was no clone when it did.
  case absent
  case valid(AcceptanceStamp)
  /// The ring that was asked has no such key: read the Secret again before calling it a forgery.
  case unknownKey(String)
  /// Why it is none: one clause, for people.
  case invalid(String)

  /// - Parameters:
  ///   - object: the DataVolume as stored.
  ///   - created: its `metadata.creationTimestamp`, seconds since 1970.
  ///   - check: whether the code is that key's for these bytes, compared in constant time; nil: no such key.
  package init(
    of object: JSONNode, created: Int64,
    check: (_ keyID: String, _ covered: [UInt8], _ code: [UInt8]) -> Bool?
  ) {
    let metadata = object.field("metadata")
    guard let mark = metadata?.field("annotations")?.field(AcceptanceStamp.annotation) else {
      self = .absent
      return
    }
    do throws(AcceptanceStamp.Malformed) {
      let (stamp, covered, code) = try AcceptanceStamp.read(mark.string ?? "")
      switch check(stamp.keyID, covered, code) {
      case nil: self = .unknownKey(BoundedText.plain(stamp.keyID))
      case false?: self = .invalid("its code is not the gate's")
      case true?:
        let stored = StoredClone(object)
        self = stored.difference(from: stamp, created: created).map { .invalid($0) } ?? .valid(stamp)
      }
    } catch {
      self = .invalid(error.reason)
    }
  }
}

/// What a stored DataVolume says about itself, as far as a stamp speaks of it.
private struct StoredClone {
  private let namespace: String
  private let name: String
  private let prefix: String?
  private let spec: JSONNode?

  init(_ object: JSONNode) {
    let metadata = object.field("metadata")
    namespace = metadata?.text("namespace") ?? ""
    name = metadata?.text("name") ?? ""
    prefix = metadata?.filled("generateName")
    spec = object.field("spec")
  }

  /// What differs between the object and what was accepted; nil when nothing does.
  func difference(from stamp: AcceptanceStamp, created: Int64) -> String? {
    if !namespace.isExactly(stamp.namespace) {
      return "it was given in namespace \(BoundedText.plain(stamp.namespace))"
    }
    if let other = otherName(stamp.target) { return "it was given to \(other)" }
    if let other = otherSource(stamp) { return "it was given for \(other)" }
    if abs(created.subtractingSaturated(stamp.time)) > AcceptanceStamp.leeway {
      let (given, made) = (UTCTime(seconds: stamp.time), UTCTime(seconds: created))
      return
        "it was given at \(given) and this object was made at \(made): if the stamp is no copied one, the "
        + "clocks of the gate and of the API server differ, and must agree within "
        + "\(AcceptanceStamp.leeway) s"
    }
    return nil
  }

  private func otherName(_ target: AcceptanceStamp.Target) -> String? {
    switch target {
    case .name(let accepted):
      return name.isExactly(accepted) ? nil : "DataVolume \(BoundedText.plain(accepted))"
    case .generateName(let accepted):
      let isSame = prefix?.isExactly(accepted) == true
      if isSame, GeneratedName.matches(name, prefix: accepted) { return nil }
      return "a DataVolume with generateName \(BoundedText.plain(accepted))"
    }
  }

  private func otherSource(_ stamp: AcceptanceStamp) -> String? {
    guard let source = spec?.field("source") else { return otherReference(stamp) }
    guard stamp.reference == nil else { return "a sourceRef" }
    for (field, kind) in [("pvc", CloneSource.Kind.claim), ("snapshot", .snapshot)] {
      guard let node = source.field(field) else { continue }
      let isSame =
        kind == stamp.source.kind
        && (node.filled("namespace") ?? namespace).isExactly(stamp.source.id.namespace)
        && (node.text("name") ?? "").isExactly(stamp.source.id.name)
      return isSame ? nil : stamp.source.description
    }
    return stamp.source.description
  }

  private func otherReference(_ stamp: AcceptanceStamp) -> String? {
    guard let reference = stamp.reference else { return stamp.source.description }
    let node = spec?.field("sourceRef")
    let isSame =
      (node?.filled("namespace") ?? namespace).isExactly(reference.namespace)
      && (node?.text("name") ?? "").isExactly(reference.name)
    return isSame ? nil : "DataSource \(BoundedText.plain(reference.namespace + "/" + reference.name))"
  }
}

extension Int64 {
  fileprivate func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    // The least value has no absolute one.
    return overflow || difference == .min ? .max : difference
  }
}
