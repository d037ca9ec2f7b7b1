package import Admission
package import JSON

extension Control {
  /// What is said of a clone that is made to be filled by others, once its claim says that it is filled for
  /// it (SEMANTICS.md c.6): that it is done. KubeVirt waits for that, and where there is no CDI nobody else
  /// says it.
  /// - Parameter claim: the PersistentVolumeClaim of its name.
  /// - Returns: nil for every other DataVolume, and while the claim does not say so.
  package static func prePopulated(
    _ object: JSONNode, claim: JSONNode?, now: UTCTime
  ) -> (clone: CloneDataVolume, plan: ClonePlan)? {
    guard let clone = CloneDataVolume(prePopulated: object), let target = StoredClaim(claim, volume: nil),
      target.claim.id == clone.id, target.phase == "Bound", !target.isBeingDeleted,
      target.controller.map({ $0.uid == clone.uid }) ?? true,
      target.annotation("cdi.kubevirt.io/storage.populatedFor") == clone.id.name
    else { return nil }
    let stored = object.field("status"), name = clone.id.name
    let message = BoundedText.message("PVC \(name) was filled for it before; nothing was copied into it")
    let status = CloneStatus(
      phase: .succeeded, progress: "100.0%", claimName: name,
      restartCount: Int(clamping: stored?.field("restartCount")?.int ?? 0),
      bound: .yes("Bound", "PVC \(name) Bound"), running: .no(CloneStep.adopted, message),
      ready: .yes("", ""))
    var plan = ClonePlan()
    plan.status = status.json(after: stored, now: now)
    plan.events = [CloneEvent(isWarning: false, reason: CloneStep.adopted, message: message)]
    return (clone, plan)
  }
}
