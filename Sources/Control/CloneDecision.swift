internal import Admission
internal import JSON

/// One decision: the rows are gone through in turn, and the first that holds the clone back says where it
/// stands. The rows about the source, the target and the order are in files of their own.
struct CloneDecision {
  let situation: CloneSituation
  let clone: CloneDataVolume
  let sourceClaim: StoredClaim?
  let targetClaim: StoredClaim?
  let handle: OrderHandle?

  init(_ situation: CloneSituation, _ clone: CloneDataVolume) {
    self.situation = situation
    self.clone = clone
    sourceClaim = StoredClaim(situation.sourceClaim, volume: situation.sourceVolume)
    targetClaim = StoredClaim(situation.targetClaim, volume: situation.targetVolume)
    handle = OrderHandle(situation.order)
  }

  /// What is left to do until the order is gone; nothing when there is none.
  var removal: [CloneAction] { handle?.removal(nodeExists: situation.nodeExists) ?? [] }

  /// The order and its report, whether or not they are believed; nil when they are absent or cannot be read.
  var readCopy: VolumeCopy? { situation.order.flatMap { try? VolumeCopy($0) } }
  var readReport: VolumeCopyReport? { readCopy?.currentReport }

  /// The target claim, when this very DataVolume controls or adopts it.
  var ownClaim: StoredClaim? {
    targetClaim.flatMap { $0.controller?.uid == clone.uid ? $0 : adoptedClaim }
  }

  /// The target claim, when it was there before and is to be taken over as it is, as the gate has told. CDI
  /// makes itself the controller of such a claim, and so adopts none that has one.
  private var adoptedClaim: StoredClaim? {
    guard let target = targetClaim, target.controller == nil else { return nil }
    let dataVolume = DataVolume(stored: clone.object)
    return target.claim.isAdopted(by: dataVolume, settings: situation.settings.admission) ? target : nil
  }

  var step: CloneStep {
    let step: CloneStep
    do { step = restrained(try followRows()) } catch { step = restrained(error) }
    // Nobody announces that the node of an order which is to go has gone itself.
    guard handle?.isBeingDeleted == true else { return step }
    return step.waking(after: min(step.wakeAfter ?? ControlTiming.poll, ControlTiming.poll))
  }

  private func followRows() throws(CloneStep) -> CloneStep {
    if let claim = adoptedClaim { return try adopt(claim) }
    let source = try acceptedSource()
    guard let target = targetClaim else { return try createClaim(source) }
    try requireOwn(target)
    guard target.phase == "Bound" else { return try bind(target, source) }
    guard let volume = target.boundVolume else {
      throw .wait(
        .pending, "Pending", "PVC \(clone.id.name) is bound, but its volume does not name it as its claim"
      )
      .waking(after: ControlTiming.poll)
    }
    let order = try order()
    let disks = CloneDisks(source: source, target: target, targetVolume: volume)
    if let order { return try follow(order, disks) }
    return try scheduleCopy(disks)
  }

  /// The source that may be read, a claim.
  private func acceptedSource() throws(CloneStep) -> CloneSource {
    switch situation.acceptance {
    case .refused(let why): throw refused(why)
    case .lapsed(let why) where handle == nil: throw refused(why)
    // Nothing was begun, so nobody was ever allowed to know where a DataSource leads.
    case .undecided(let why) where handle == nil && ownClaim == nil: throw unknown(why, .pending)
    default: break
    }
    guard let source = situation.source else {
      guard case .dataSource = clone.source else {
        throw refused("no source of it was accepted; create the DataVolume anew")
      }
      throw .problem(
        .pending, "CloneWithoutSource",
        "the DataSource that spec.sourceRef names has no source yet; give it one, or name the source claim"
      )
      .waking(after: ControlTiming.poll)
    }
    if case .direct(let named) = clone.source, named != source {
      throw refused(
        "the accepted source is \(source), and spec.source names \(named); create the DataVolume anew")
    }
    guard source.kind == .claim else {
      throw .problem(
        .pending, "SnapshotSourceNotSupported",
        "\(source) is a snapshot: only claims are copied here; restore it into a claim and clone that")
    }
    return source
  }

  private func refused(_ why: String) -> CloneStep {
    lastFailure
      ?? CloneStep.problem(.pending, "CloneNotAccepted", "nothing is cloned: \(why)").doing(removal)
      .waking(after: ControlTiming.poll)
  }

  /// What was said of a clone that failed for good, when nothing has been begun since: it stays so whoever
  /// may try it again. Nil for others.
  private var lastFailure: CloneStep? {
    let status = situation.dataVolume.field("status")
    guard status?.text("phase") == DataVolumePhase.failed.rawValue,
      handle == nil || readReport?.phase == .failed
    else { return nil }
    let running = CloneStatus.Condition(CloneStatus.conditions(status)["Running"])
    return .problem(.failed, running?.reason ?? "Error", running?.message ?? "")
  }

  /// Holds new work back while nobody can say whether it is accepted, or while the API server refuses it.
  private func restrained(_ step: CloneStep) -> CloneStep {
    guard step.actions.contains(where: \.isNewWork) else { return step }
    if case .undecided(let why) = situation.acceptance { return unknown(why, step.phase) }
    guard let trouble = situation.trouble else { return step }
    return .problem(step.phase, trouble.word, BoundedText.sentence(trouble.message))
      .waking(after: ControlTiming.poll)
  }

  func unknown(_ why: String, _ phase: DataVolumePhase) -> CloneStep {
    let step =
      lastFailure
      ?? .problem(
        phase, "CloneAcceptanceUnknown", "it could not be found out whether the clone is allowed: \(why)")
    return step.waking(after: ControlTiming.poll)
  }
}

/// The source's name and the bound target.
struct CloneDisks {
  let source: CloneSource
  let target: StoredClaim
  let targetVolume: StoredClaim.BoundVolume
}
