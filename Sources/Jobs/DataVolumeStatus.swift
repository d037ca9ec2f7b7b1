package import JSON

/// The `status` of a DataVolume as CDI would write it, made from its job.
package struct DataVolumeStatus: Sendable, Hashable {
  package struct Condition: Sendable, Hashable {
    package let type: String
    package let isTrue: Bool
    package let reason: String
    package let message: String
  }
  package let phase: DataVolumePhase
  package let progress: String
  package let restartCount: Int
  package let claimName: String
  /// Bound, Running, Ready.
  package let conditions: [Condition]

  package init(_ job: Job) {
    phase = job.phase
    progress = job.progressText
    restartCount = job.restarts
    claimName = job.terms.name
    conditions = [Self.bound(job), Self.running(job), Self.ready(job)]
  }

  package var json: JSONValue {
    [
      "claimName": .string(claimName),
      "phase": .string(phase.rawValue),
      "progress": .string(progress),
      "restartCount": .number(String(restartCount)),
      "conditions": .array(conditions.map(\.json)),
    ]
  }

  private static func bound(_ job: Job) -> Condition {
    let claim = job.terms.name
    if job.targetPlace != nil {
      return Condition(type: "Bound", isTrue: true, reason: "Bound", message: "PVC \(claim) Bound")
    }
    if job.reason.isEmpty {
      return Condition(type: "Bound", isTrue: false, reason: "NotFound", message: "No PVC found")
    }
    return Condition(
      type: "Bound", isTrue: false, reason: job.reason, message: "PVC \(claim) Pending: \(job.message)")
  }

  private static func running(_ job: Job) -> Condition {
    func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
      Condition(type: "Running", isTrue: isTrue, reason: reason, message: message)
    }
    switch job.step {
    case .reported: return condition(false, "Completed", "Clone Complete")
    case .failed: return condition(false, job.reason.isEmpty ? "Error" : job.reason, job.message)
    case .cancelled: return condition(false, "Cancelled", job.message)
    case .copying: return condition(true, "Running", "Copying")
    case .copied, .verifying, .verified:
      return condition(true, "Running", "Comparing the target with the source")
    case .accepted, .waiting, .prepared:
      return condition(
        false, job.reason.isEmpty ? "Pending" : job.reason,
        job.message.isEmpty ? "Clone Pending" : job.message)
    }
  }

  private static func ready(_ job: Job) -> Condition {
    func condition(_ isTrue: Bool, _ reason: String, _ message: String) -> Condition {
      Condition(type: "Ready", isTrue: isTrue, reason: reason, message: message)
    }
    if job.step == .reported { return condition(true, "", "") }
    if job.step.isMoving { return condition(false, "TransferRunning", "") }
    return condition(false, job.reason, job.message)
  }
}

extension DataVolumeStatus.Condition {
  package var json: JSONValue {
    [
      "type": .string(type), "status": .string(isTrue ? "True" : "False"), "reason": .string(reason),
      "message": .string(message),
    ]
  }
}
