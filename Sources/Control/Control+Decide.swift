package import Admission
package import JSON

extension Control {
  /// What to do next about one DataVolume. The same situation always gives the same plan; one that was
  /// carried out, whole or in part, leads to a situation whose plan goes on from there.
  ///
  /// A DataVolume that is no clone, that somebody else fills, that is being deleted or that is done is not
  /// touched; all that is done then is to remove the order that bears its uid.
  package static func decide(_ situation: CloneSituation) -> ClonePlan {
    var plan = ClonePlan()
    guard let clone = CloneDataVolume(situation.dataVolume), !clone.isSettled else {
      guard let handle = OrderHandle(situation.order) else { return plan }
      plan.actions = handle.removal(nodeExists: situation.nodeExists)
      if handle.isBeingDeleted { plan.wakeAfter = ControlTiming.poll }
      return plan
    }
    let decision = CloneDecision(situation, clone)
    return CloneNarration(decision: decision, step: decision.step).plan
  }

  /// What to do about an order whose DataVolume may be gone: nothing while the one it was made for is there
  /// and asks for its clone.
  /// - Parameters:
  ///   - order: the VolumeCopy.
  ///   - dataVolume: the DataVolume that has the name in the order, as the API server itself has it: a mirror
  ///     may not have heard of it yet. Nil when there is none.
  ///   - nodeExists: whether the order's node does; nil when nobody could say.
  package static func sweep(order: JSONNode, dataVolume: JSONNode?, nodeExists: Bool?) -> [CloneAction] {
    guard let handle = OrderHandle(order),
      handle.reference.name != dataVolume.flatMap({ CloneDataVolume($0) })?.uid
    else { return [] }
    return handle.removal(nodeExists: nodeExists)
  }

  /// Whether it matters now if the node of an order exists: nobody else can undo or go on with the copy, and
  /// its copier is silent. Of a copy that goes on that is asked of nobody.
  /// - Parameters:
  ///   - order: the VolumeCopy.
  ///   - heard: `CloneSituation.orderHeard`.
  package static func wantsNode(order: JSONNode, heard: UTCTime?, now: UTCTime) -> Bool {
    if OrderHandle(order)?.isBeingDeleted == true { return true }
    guard let last = (try? VolumeCopy(order))?.lastWord(heard: heard) else { return false }
    return now.seconds - last.seconds >= ControlTiming.silence
  }

  /// Whether the claim is to be bound without waiting for a Pod, so that free volumes have to be known.
  package static func wantsVolumes(dataVolume: JSONNode, targetClaim: JSONNode?) -> Bool {
    [dataVolume, targetClaim].contains { object in
      object?.field("metadata")?.field("annotations")?.field(immediateBinding) != nil
    }
  }
}
