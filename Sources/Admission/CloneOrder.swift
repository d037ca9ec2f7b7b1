internal import JSON

/// An authorized clone, held against what is known of its source: does it fit, and what has to be copied?
struct CloneOrder {
  private let judge: Judge
  private let dataVolume: DataVolume
  private let source: CloneSource?
  private let disk: TargetDisk

  /// - Parameter source: nil when nothing is to be copied.
  init(judge: Judge, dataVolume: DataVolume, source: CloneSource?) {
    self.judge = judge
    self.dataVolume = dataVolume
    self.source = source
    disk = TargetDisk(judge: judge, dataVolume: dataVolume, source: source)
  }

  /// A claim that was there before: copying into it would destroy what it holds. The claim of a DataVolume
  /// that is known under this very name is none: either the review is a repeat, or the name is taken, and who
  /// records the clone finds out which.
  private var earlierClaim: Claim? {
    guard let claim = judge.inventory.claims[dataVolume.id], !judge.isRepeated(dataVolume),
      claim.owner != dataVolume.name || !judge.inventory.hasDataVolume(dataVolume.id)
    else { return nil }
    return claim
  }

  var refusal: Refusal? {
    guard let known = disk.source, earlierClaim == nil else { return nil }
    return SourceFit(dataVolume: dataVolume, disk: disk, source: known).refusal
  }

  /// Short ones: an API server advises 120 characters. One who may not read the source is told nothing about
  /// it: then `source` is nil.
  var warnings: [String] {
    guard let source else { return foreignContent.map { [$0] } ?? [] }
    if let claim = earlierClaim {
      let fate = claim.isOwnedByDataVolume ? "belongs to another DataVolume" : "is adopted"
      return ["claim \(dataVolume.name) exists and \(fate); nothing is copied into it"]
    }
    if source.kind == .snapshot, judge.settings.copies {
      return ["\(source) is a snapshot: snapshots are not copied by this gate's worker"]
    }
    if !judge.inventory.hasNamespace(source.id.namespace) {
      return [
        "namespace \(BoundedText.plain(source.id.namespace)) does not exist yet; the copy waits for it"
      ]
    }
    if disk.source == nil { return ["\(source) does not exist yet; the copy waits for it"] }
    return elsewhere + (judge.inventory.writers[source.id].map { [$0.warning(of: source.id)] } ?? [])
  }

  /// The source's volume is one that no copier can open.
  private var elsewhere: [String] {
    guard judge.settings.copies, let claim = disk.source, let volume = judge.inventory.volume(of: claim),
      volume.path == nil
    else { return [] }
    let name = BoundedText.plain(volume.name)
    return ["PersistentVolume \(name) of the source is neither local nor hostPath: clonegate cannot copy it"]
  }

  /// What is no clone needs no right, and only who makes it hears that nobody fills it.
  private var foreignContent: String? {
    guard judge.settings.isAlone, !dataVolume.isPrePopulated, !dataVolume.isStaticVolume,
      case .notAClone = judge.inventory.source(of: dataVolume).resolution
    else { return nil }
    let content = dataVolume.spec?.field("source")
    let kind = SourceRules.kinds.first { content?.field($0) != nil } ?? "no claim"
    return
      "\(dataVolume.field("source")) is \(kind): "
      + "this gate's worker copies claims only, nothing fills the disk"
  }

  /// - Parameters:
  ///   - key: the job's key.
  ///   - object: the DataVolume to be stored.
  func copy(key: String, owner: AcceptedClone.Owner?, requester: String, object: JSONValue) -> AcceptedClone?
  {
    guard let source, source.kind == .claim, earlierClaim == nil else { return nil }
    return AcceptedClone(
      key: key, namespace: dataVolume.namespace, name: dataVolume.name, sourceNamespace: source.id.namespace,
      sourceName: source.id.name, volumeMode: disk.volumeMode,
      contentType: dataVolume.contentType ?? .kubevirt,
      requestedBytes: disk.size, storageClass: disk.storageClass, accessModes: disk.accessModes,
      preallocation: disk.preallocation, owner: owner,
      requester: BoundedText.message(requester, limit: Admission.maxLogged), object: object)
  }
}
