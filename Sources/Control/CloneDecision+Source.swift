internal import Admission
internal import JSON

/// Rows about the source.
extension CloneDecision {
  /// The source's claim, there to stay and bound.
  func existingSource(_ source: CloneSource) throws(CloneStep) -> StoredClaim {
    // Whether it is there, and who uses it, is told to those alone who may clone it.
    if case .undecided(let why) = situation.acceptance { throw unknown(why, .pending) }
    let place = source.id
    guard situation.sourceNamespaceExists else {
      throw withoutSource(
        "The source pvc \(place.name) doesn't exist: there is no namespace \(place.namespace)")
    }
    guard let claim = sourceClaim, claim.claim.id == place else {
      throw withoutSource("The source pvc \(place.name) doesn't exist in namespace \(place.namespace)")
    }
    if claim.isBeingDeleted {
      throw withoutSource("The source pvc \(claim.description) is being deleted; name another")
    }
    if claim.phase == "Lost" {
      throw withoutSource("The source pvc \(claim.description) has lost its volume; name another")
    }
    guard claim.phase == "Bound" else {
      throw .problem(
        .pending, "CloneSourceNotBound",
        "The source pvc \(claim.description) is not bound to a volume yet; its clone waits for it")
    }
    return claim
  }

  private func withoutSource(_ message: String) -> CloneStep {
    .problem(.pending, "CloneWithoutSource", message)
  }

  /// The source claim whose content is complete, and of the kind that is asked for.
  func populatedSource(_ source: CloneSource) throws(CloneStep) -> StoredClaim {
    let claim = try existingSource(source)
    try requireFilled(claim)
    let wanted = DataVolume(stored: clone.object).contentType ?? .kubevirt
    guard claim.contentType == wanted else {
      throw invalid(
        "Source contentType (\(claim.contentType.rawValue)) and target contentType (\(wanted.rawValue)) "
          + "do not match")
    }
    guard wanted == .kubevirt else {
      throw .problem(
        .pending, "ArchiveSourceNotSupported",
        "The source pvc \(claim.description) holds an archive, a tree of files: clonegate copies disk "
          + "images; let CDI clone it (clonegate control --copying=cdi)")
    }
    return claim
  }

  /// A claim that a DataVolume controls is complete when that very one says so, and nobody else can say it.
  private func requireFilled(_ claim: StoredClaim) throws(CloneStep) {
    guard let controller = claim.controller else { return try requireFinished(claim) }
    guard controller.isDataVolume else { return }
    let name = BoundedText.plain(controller.name)
    let owner = situation.sourceOwner
    let isThere = owner?.field("metadata")?.text("uid") == controller.uid
    if isThere, owner?.field("status")?.text("phase") == DataVolumePhase.succeeded.rawValue { return }
    throw CloneStep.problem(
      .pending, "CloneSourceNotPopulated",
      isThere
        ? "The source pvc \(claim.description) is still being filled for DataVolume \(name); its clone waits"
        : "The source pvc \(claim.description) was to be filled for DataVolume \(name), which is not there: "
          + "nobody knows whether it is complete; if it is, take that ownerReference from it"
          + (claim.claim.isUnfinished ? ", and annotate it \(Self.finished)" : "")
    ).waking(after: ControlTiming.poll)
  }

  /// The annotation that says of a claim that its copy ended.
  private static let finished = "k8s.io/CloneOf=true"

  /// One that was made for a DataVolume and outlived it (`kubectl delete --cascade=orphan`) may hold half a
  /// disk.
  private func requireFinished(_ claim: StoredClaim) throws(CloneStep) {
    guard claim.claim.isUnfinished else { return }
    throw .problem(
      .pending, "CloneSourceNotPopulated",
      "The source pvc \(claim.description) was made for a DataVolume that is not there, and nothing says "
        + "that it was filled; if it is complete, annotate it \(Self.finished)")
  }

  /// CDI's words; what exactly, behind a colon.
  func invalid(_ what: String) -> CloneStep {
    .problem(
      .pending, "CloneValidationFailed", "The clone doesn't meet the validation requirements: \(what)")
  }

  /// No Pod writes to the source.
  func requireQuiet(_ source: CloneSource) throws(CloneStep) {
    let users = situation.pods.filter {
      $0.namespace == source.id.namespace && $0.claims[source.id.name] == true
    }
    guard !users.isEmpty else { return }
    throw .problem(.cloneScheduled, "CloneSourceInUse", Self.inUse(users, source.id.name))
  }

  /// No Pod has the target at all: half a disk is read as little as it is written.
  func requireUnused(_ target: StoredClaim) throws(CloneStep) {
    let id = target.claim.id
    let users = situation.pods.filter { $0.namespace == id.namespace && $0.claims[id.name] != nil }
    guard !users.isEmpty else { return }
    throw .problem(.cloneScheduled, "UploadTargetInUse", Self.inUse(users, id.name))
  }

  /// `pod NS/P using PersistentVolumeClaim C`, CDI's sentence. Of many Pods some are named, the same ones
  /// each time, so that the sentence changes only when they do.
  private static func inUse(_ pods: [PodDisks], _ claim: String) -> String {
    let named = 3
    let names = pods.map(\.description).sorted()
    let rest = names.count > named ? " and \(names.count - named) more" : ""
    let list = names.prefix(named).joined(separator: ", ")
    return "pod \(list)\(rest) using PersistentVolumeClaim \(BoundedText.plain(claim))"
  }
}
