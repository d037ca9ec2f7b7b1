internal import Admission
internal import JSON

/// Rows about the order and its report: the target is bound.
extension CloneDecision {
  /// The order that the copier works by; nil when there is none.
  func order() throws(CloneStep) -> VolumeCopy? {
    guard let object = situation.order, let handle else { return nil }
    // A copy that is complete is so, even if its order is deleted before that could be written: made once
    // more it would only find its own work in the way.
    guard !handle.isBeingDeleted || readReport?.phase == .succeeded else { throw letGo() }
    do { return try VolumeCopy(object) } catch {
      let name = BoundedText.plain(handle.reference.name)
      throw .problem(
        .cloneScheduled, "CopyOrderInvalid", "VolumeCopy \(name) cannot be read (\(error)); delete it")
    }
  }

  func letGo() -> CloneStep {
    CloneStep.wait(
      .cloneScheduled, "CopyBeingCancelled", "the copier is letting go of an earlier copy"
    ).doing(removal)
  }

  /// What the copier makes of the order. A copy that is complete, or that failed for good, is so whatever
  /// becomes of its source.
  func follow(_ copy: VolumeCopy, _ disks: CloneDisks) throws(CloneStep) -> CloneStep {
    guard copy.name == clone.uid, copy.order.fills(disks) else { throw letGo() }
    guard let report = copy.currentReport else {
      try requireSameSource(copy, disks)
      return untaken(copy)
    }
    switch report.phase {
    case .succeeded: return complete(report, disks.target)
    case .failed: return try afterFailure(report, of: copy, disks)
    case .waiting:
      try requireSameSource(copy, disks)
      return waiting(report, copy)
    case .copying, .verifying:
      try requireSameSource(copy, disks)
      return moving(report, copy)
    }
  }

  /// The claim says that it is filled before the DataVolume does: one that does not say so is taken for a
  /// copy that never ended, once the DataVolume is gone. What keeps the API server from that is told.
  private func complete(_ report: VolumeCopyReport, _ target: StoredClaim) -> CloneStep {
    let marks = marks(report)
    if marks.allSatisfy({ target.annotation($0.key) == $0.value }) {
      return .wait(.succeeded, "Completed", "Clone Complete")
    }
    if let trouble = situation.trouble {
      return .problem(
        .cloneInProgress, trouble.word,
        "the copy is complete, and PVC \(clone.id.name) cannot be marked so: "
          + BoundedText.sentence(trouble.message)
      ).waking(after: ControlTiming.poll)
    }
    return CloneStep.wait(.succeeded, "Completed", "Clone Complete").doing([
      .annotateClaim(target.claim.id, uid: target.uid, marks)
    ])
  }

  /// What CDI leaves on a claim that it has filled: that it is a copy, and that its blocks are allocated, by
  /// which KubeVirt does not punch holes into it.
  private func marks(_ report: VolumeCopyReport) -> [String: String] {
    var marks = ["k8s.io/CloneOf": "true"]
    if let achieved = report.preallocation?.achieved, ["unwritten", "full"].contains(achieved) {
      marks["cdi.kubevirt.io/storage.preallocation"] = "true"
    }
    return marks
  }

  /// A claim of the same name that came later is another disk.
  private func requireSameSource(_ copy: VolumeCopy, _ disks: CloneDisks) throws(CloneStep) {
    if sourceClaim?.uid == copy.order.source.claimUID { return }
    do { _ = try existingSource(disks.source) } catch { throw error.doing(removal) }
    throw letGo()
  }

  private func waiting(_ report: VolumeCopyReport, _ copy: VolumeCopy) -> CloneStep {
    let node = copy.order.nodeName
    let step =
      report.reason.isEmpty
      ? CloneStep.wait(.cloneScheduled, "Pending", "the copier on node \(node) prepares the copy")
      : .problem(.cloneScheduled, report.reason, report.message)
    return unlessSilent(step, copy) { "has reported nothing since \($0); it goes on when it is back" }
  }

  private func moving(_ report: VolumeCopyReport, _ copy: VolumeCopy) -> CloneStep {
    let step = CloneStep.running(
      report.phase == .verifying ? "Comparing the target with the source" : "Copying")
    return unlessSilent(step, copy) {
      "has reported nothing since \($0); it goes on where it stopped when it is back"
    }
  }

  /// The copier has not said anything about this attempt yet.
  private func untaken(_ copy: VolumeCopy) -> CloneStep {
    let step = CloneStep.wait(
      .cloneScheduled, "Pending",
      "attempt \(copy.order.attempt): waiting for the copier on node \(copy.order.nodeName)")
    return unlessSilent(step, copy) { "has not taken the copy since \($0)" }
  }

  /// The step of a copy whose copier speaks. Nobody announces that it is back, or that its node is: that is
  /// looked at again from time to time.
  /// - Parameter silence: what the copier on the node has not done since a moment.
  private func unlessSilent(
    _ step: CloneStep, _ copy: VolumeCopy, _ silence: (UTCTime) -> String
  ) -> CloneStep {
    let node = BoundedText.plain(copy.order.nodeName)
    if situation.nodeExists == false {
      return .problem(
        step.phase, "NodeNotFound",
        "node \(node), where both volumes are, does not exist; the copy goes on when it is back"
      ).waking(after: ControlTiming.poll)
    }
    guard let last = copy.lastWord(heard: situation.orderHeard) else { return step }
    let quiet = situation.now.seconds - last.seconds
    guard quiet >= ControlTiming.silence else {
      return step.waking(after: min(ControlTiming.silence, ControlTiming.silence - quiet))
    }
    return .problem(
      step.phase, "CopierSilent",
      "the copier on node \(node) \(silence(last)): see to the Pod of clonegate work on that node"
    ).waking(after: ControlTiming.poll)
  }

  /// When the attempt failed, by our clock. The node's may be any: all that it tells is how long before its
  /// report that was.
  private func failed(_ report: VolumeCopyReport) -> UTCTime {
    let finish = report.finishTime ?? report.heartbeatTime ?? UTCTime(seconds: 0)
    guard let heard = situation.orderHeard else { return finish }
    let age = (report.heartbeatTime ?? finish).seconds - finish.seconds
    return UTCTime(seconds: heard.seconds - max(age, 0))
  }

  /// Another attempt after a pause, if one can help; when it is due is read from the report.
  private func afterFailure(
    _ report: VolumeCopyReport, of copy: VolumeCopy, _ disks: CloneDisks
  ) throws(CloneStep) -> CloneStep {
    let attempt = copy.order.attempt
    let reason = report.reason.isEmpty ? "Error" : report.reason
    let why = report.message.isEmpty ? "the copier gave no reason" : report.message
    guard report.isRetryable else { return .problem(.failed, reason, why) }
    guard attempt < ControlTiming.mostAttempts else {
      return .problem(.failed, reason, "\(why); given up after \(attempt) attempts")
    }
    try requireSameSource(copy, disks)
    let pause = ControlTiming.pause(after: attempt, uid: clone.uid)
    let due = UTCTime(seconds: failed(report).seconds + pause)
    guard due <= situation.now else {
      let left = min(due.seconds - situation.now.seconds, pause)
      return CloneStep.problem(
        .cloneScheduled, reason,
        "\(why); attempt \(attempt) of \(ControlTiming.mostAttempts) failed, the next is at \(due)"
      ).waking(after: left)
    }
    let wanted = try readyOrder(disks)
    guard wanted.isSameCopy(as: copy.order) else { throw letGo() }
    return CloneStep.wait(
      .cloneScheduled, "Pending",
      "attempt \(attempt + 1): waiting for the copier on node \(copy.order.nodeName)"
    ).doing([.raiseAttempt(copy.reference, to: attempt + 1)])
  }
}

extension VolumeCopyOrder {
  /// The target is this very claim on this very volume, and the source bears the right name.
  fileprivate func fills(_ disks: CloneDisks) -> Bool {
    target.namespace == disks.target.claim.id.namespace && target.claim == disks.target.claim.id.name
      && target.claimUID == disks.target.uid && target.volume == disks.targetVolume.name
      && target.volumeUID == disks.targetVolume.uid && source.namespace == disks.source.id.namespace
      && source.claim == disks.source.id.name
  }

  /// The same disks on the same node.
  fileprivate func isSameCopy(as other: VolumeCopyOrder) -> Bool {
    source == other.source && target == other.target && nodeName == other.nodeName
  }
}
