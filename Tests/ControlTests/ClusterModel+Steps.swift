import Admission
import Control
import JSON

/// What the others do: the API server, the binder, the copier, the controller's hall.
extension ClusterModel {
  /// Carries a plan out as the hall does: actions, status, events. A resourceVersion that is not the object's
  /// is a conflict, and ends it.
  mutating func carryOut(_ plan: ClonePlan) {
    for action in plan.actions { guard apply(action) else { return } }
    guard let status = plan.status else { return }
    dataVolume?["status"] = status
    events += plan.events
  }

  /// Decides and carries out until nothing is left to do; how many rounds that took, at most `limit`.
  @discardableResult
  mutating func settle(limit: Int = 20) -> Int {
    for round in 0..<limit {
      let plan = plan
      if plan.actions.isEmpty && plan.status == nil { return round }
      carryOut(plan)
    }
    return limit
  }

  private mutating func next() -> JSONValue {
    version += 1
    return .string(String(version))
  }

  /// - Returns: false when the API server refuses.
  mutating func apply(_ action: CloneAction) -> Bool {
    switch action {
    case .createClaim(let object):
      guard targetClaim == nil else { return true }
      var claim = object
      claim["metadata"]!["uid"] = .string("c-target-\(version)")
      claim["status"] = ["phase": "Pending"]
      targetClaim = claim
    case .bindVolume(let name, let resourceVersion, let claimRef):
      guard let at = volumes.firstIndex(where: { $0["metadata"]?["name"]?.string == name }),
        volumes[at]["metadata"]?["resourceVersion"]?.string == resourceVersion
      else { return false }
      volumes[at]["spec"]!["claimRef"] = claimRef
      volumes[at]["metadata"]!["resourceVersion"] = next()
    case .createOrder(let object):
      guard order == nil else { return true }
      var created = object
      created["metadata"]!["uid"] = .string("order-\(version)")
      created["metadata"]!["creationTimestamp"] = .string(now.description)
      created["metadata"]!["resourceVersion"] = next()
      order = created
    case .raiseAttempt(let reference, let attempt):
      guard isCurrent(reference) else { return false }
      order!["spec"]!["attempt"] = .number(String(attempt))
      order!["metadata"]!["resourceVersion"] = next()
    case .deleteOrder(let reference):
      guard order?["metadata"]?["uid"]?.string == reference.uid else { return true }
      guard isCurrent(reference) else { return false }
      order!["metadata"]!["deletionTimestamp"] = .string(now.description)
      order!["metadata"]!["resourceVersion"] = next()
      dropReleasedOrder()
    case .annotateClaim(_, let uid, let annotations):
      guard let claim = targetClaim?["metadata"], claim["uid"]?.string == uid else { return false }
      var all = claim["annotations"] ?? [:]
      for (key, value) in annotations { all[key] = .string(value) }
      targetClaim!["metadata"]!["annotations"] = all
    case .removeFinalizer(let reference):
      guard isCurrent(reference) else { return false }
      order!["metadata"]!["finalizers"] = []
      dropReleasedOrder()
    }
    return true
  }

  private func isCurrent(_ reference: OrderReference) -> Bool {
    order?["metadata"]?["uid"]?.string == reference.uid
      && order?["metadata"]?["resourceVersion"]?.string == reference.resourceVersion
  }

  private mutating func dropReleasedOrder() {
    guard order?["metadata"]?["deletionTimestamp"] != nil,
      order?["metadata"]?["finalizers"]?.array?.isEmpty ?? true
    else { return }
    order = nil
  }

  /// Kubernetes' volume binder: the claim's own volume, else a free one for a class that does not wait.
  mutating func bindClaims() {
    guard let claim = targetClaim, claim["status"]?["phase"] == "Pending",
      let uid = claim["metadata"]?["uid"]?.string
    else { return }
    let waits = storageClasses.contains { $0["volumeBindingMode"] == "WaitForFirstConsumer" }
    let reserved = volumes.firstIndex { $0["spec"]?["claimRef"]?["uid"]?.string == uid }
    let free = volumes.firstIndex { $0["spec"]?["claimRef"] == nil }
    guard let at = reserved ?? (waits ? nil : free) else { return }
    volumes[at]["spec"]!["claimRef"] = ["namespace": "vms", "name": "copy", "uid": .string(uid)]
    volumes[at]["status"]!["phase"] = "Bound"
    targetClaim!["spec"]!["volumeName"] = volumes[at]["metadata"]!["name"]
    targetClaim!["status"] = [
      "phase": "Bound", "capacity": ["storage": volumes[at]["spec"]!["capacity"]!["storage"]!],
    ]
  }

  /// The copier writes a report about the attempt that is asked for.
  mutating func report(
    _ phase: VolumeCopyReport.Phase, _ change: (inout VolumeCopyReport) -> Void = { _ in }
  ) {
    guard let attempt = order?["spec"]?["attempt"]?.int else { return }
    var report = VolumeCopyReport(observedAttempt: Int(attempt), phase: phase)
    report.heartbeatTime = now
    if phase.isFinal { report.finishTime = now }
    change(&report)
    order!["status"] = report.json
    order!["metadata"]!["resourceVersion"] = next()
  }

  /// The copier has undone its work on an order that is being deleted.
  mutating func releaseOrder() {
    guard order?["metadata"]?["deletionTimestamp"] != nil else { return }
    order!["metadata"]!["finalizers"] = []
    dropReleasedOrder()
  }

  mutating func pass(_ seconds: Int64) { now = UTCTime(seconds: now.seconds + seconds) }

  /// A clone whose claim is bound and whose order exists.
  static var scheduled: ClusterModel {
    var model = ClusterModel()
    model.settle()
    model.bindClaims()
    model.settle()
    return model
  }
}
