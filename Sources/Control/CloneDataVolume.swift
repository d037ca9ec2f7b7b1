package import Admission
package import JSON

/// A stored DataVolume that asks for a clone: all that the controller ever looks at. Others (imports,
/// uploads, blank disks, disks that somebody else fills) are none, and are never touched.
package struct CloneDataVolume: Sendable {
  package enum Source: Sendable, Hashable {
    /// `spec.source`.
    case direct(CloneSource)
    /// `spec.sourceRef`: a DataSource that says where the bytes come from.
    case dataSource(NamespacedName)
  }

  package static let apiVersion = "cdi.kubevirt.io/v1beta1"
  package static let kind = "DataVolume"

  package let id: NamespacedName
  package let uid: String
  package let isBeingDeleted: Bool
  package let source: Source
  let object: JSONNode

  /// It is done, or going: all that is left to do is to remove its order.
  package var isSettled: Bool {
    isBeingDeleted || object.field("status")?.text("phase") == DataVolumePhase.succeeded.rawValue
  }

  /// It is done, and its status says that its claim is there.
  package var claimsItsDisk: Bool { boundWhenDone?.isTrue == true }

  /// It is done, and its status says that its claim was deleted since.
  package var missesItsDisk: Bool { boundWhenDone?.reason == Control.missing }

  private var boundWhenDone: CloneStatus.Condition? {
    guard !isBeingDeleted, let status = object.field("status"),
      status.text("phase") == DataVolumePhase.succeeded.rawValue
    else { return nil }
    return CloneStatus.Condition(CloneStatus.conditions(status)["Bound"])
  }

  /// Nil when it asks for no clone, or when its claim is filled by somebody else: annotations
  /// `cdi.kubevirt.io/storage.prePopulated` and `.checkStaticVolume`, `dataSource` and `dataSourceRef` of the
  /// claim.
  package init?(_ object: JSONNode) {
    guard !Self.isFilledByOthers(object) else { return nil }
    self.init(whoeverFills: object)
  }

  /// One of which we have said how far its clone is, and whose claim somebody else is to fill since. Nil for
  /// all others: one that never was a clone of ours is not touched, and what is over stays as it was said.
  package init?(withdrawn object: JSONNode) {
    let status = object.field("status")
    let phase = status?.text("phase").flatMap { DataVolumePhase(rawValue: $0) }
    guard Self.isFilledByOthers(object), let phase, phase.isUnderWay else { return nil }
    // Who waits may never have been a clone. Nobody but us writes `copy`, and while we wait it has a reason.
    guard phase.isBegun || status?.field("copy") != nil else { return nil }
    self.init(whoeverFills: object)
    if isBeingDeleted { return nil }
  }

  /// One that is made for a claim which was filled before (`cdi.kubevirt.io/storage.prePopulated`), and of
  /// which that was not said yet. Nil for all others.
  init?(prePopulated object: JSONNode) {
    guard DataVolume(stored: object).isPrePopulated else { return nil }
    self.init(whoeverFills: object)
    if isSettled { return nil }
  }

  /// How many of the stored objects are clones in each phase; every phase is there, also with 0. One of which
  /// nothing was said yet is Pending, one whose phase is none of ours is Unknown.
  package static func census(_ objects: [JSONNode]) -> [String: Int] {
    let none = DataVolumePhase.allCases.map { ($0.rawValue, 0) }
    return objects.reduce(into: Dictionary(uniqueKeysWithValues: none)) { census, object in
      guard CloneDataVolume(object) != nil else { return }
      let stored = object.field("status")?.filled("phase") ?? DataVolumePhase.pending.rawValue
      census[(DataVolumePhase(rawValue: stored) ?? .unknown).rawValue, default: 0] += 1
    }
  }

  private init?(whoeverFills object: JSONNode) {
    let dataVolume = DataVolume(stored: object)
    guard let metadata = object.field("metadata"), let uid = metadata.filled("uid"), !uid.isEmpty,
      !dataVolume.name.isEmpty, !dataVolume.namespace.isEmpty, let source = Self.source(dataVolume)
    else { return nil }
    self.source = source
    self.uid = uid
    self.object = object
    id = dataVolume.id
    isBeingDeleted = metadata.field("deletionTimestamp") != nil
  }

  private static func isFilledByOthers(_ object: JSONNode) -> Bool {
    let dataVolume = DataVolume(stored: object)
    return dataVolume.isPrePopulated || dataVolume.isStaticVolume || dataVolume.isExternallyPopulated
  }

  private static func source(_ dataVolume: DataVolume) -> Source? {
    if let source = dataVolume.spec?.field("source") {
      for (name, kind) in [("pvc", CloneSource.Kind.claim), ("snapshot", .snapshot)] {
        guard let node = source.field(name), let disk = node.filled("name") else { continue }
        let namespace = node.filled("namespace") ?? dataVolume.namespace
        return .direct(CloneSource(kind: kind, namespace: namespace, name: disk))
      }
      return nil
    }
    guard let reference = dataVolume.spec?.field("sourceRef"), reference.text("kind") == "DataSource",
      let name = reference.filled("name")
    else { return nil }
    let namespace = reference.filled("namespace") ?? dataVolume.namespace
    return .dataSource(NamespacedName(namespace: namespace, name: name))
  }
}
