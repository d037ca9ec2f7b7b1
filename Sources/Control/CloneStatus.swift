internal import Admission
internal import JSON

/// The `status` of a clone DataVolume, as CDI would write it, and `copy` for the columns of `kubectl get dv`.
struct CloneStatus {
  struct Condition: Hashable {
    var isTrue: Bool
    var reason: String
    var message: String
  }

  var phase: DataVolumePhase
  var progress = "N/A"
  /// Nil while there is no claim of its own.
  var claimName: String?
  var restartCount = 0
  var bound: Condition
  var running: Condition
  var ready: Condition
  /// Nil when nothing is known of a copy.
  var copy: JSONObject?

  /// - Parameters:
  ///   - stored: the DataVolume's present status. A condition that stays as it was keeps its times, so that
  ///     nothing is written when nothing has changed.
  func json(after stored: JSONNode?, now: UTCTime) -> JSONValue {
    let old = Self.conditions(stored)
    func condition(_ type: String, _ condition: Condition) -> JSONValue {
      let before = old[type]
      let isTrue = condition.isTrue ? "True" : "False"
      let hasTurned = before?.text("status") != isTrue
      let hasChanged = hasTurned || Condition(before) != condition
      let moment = JSONValue.string(now.description)
      func time(_ field: String, _ isNew: Bool) -> JSONValue {
        isNew ? moment : before?.field(field)?.value ?? moment
      }
      return [
        "type": .string(type), "status": .string(isTrue), "reason": .string(condition.reason),
        "message": .string(condition.message),
        "lastHeartbeatTime": time("lastHeartbeatTime", hasChanged),
        "lastTransitionTime": time("lastTransitionTime", hasTurned),
      ]
    }
    var status: JSONValue = [
      "phase": .string(phase.rawValue), "progress": .string(progress),
      "restartCount": .number(String(restartCount)),
      "conditions": [
        condition("Bound", bound), condition("Running", running), condition("Ready", ready),
      ],
    ]
    if let claimName { status["claimName"] = .string(claimName) }
    if let copy, !copy.isEmpty { status["copy"] = .object(copy) }
    return status
  }

  /// Stored conditions by their type.
  static func conditions(_ status: JSONNode?) -> [String: JSONNode] {
    var conditions: [String: JSONNode] = [:]
    status?.field("conditions")?.forEachElement { if let type = $0.text("type") { conditions[type] = $0 } }
    return conditions
  }
}

extension CloneStatus.Condition {
  /// A stored one; nil when it was never written.
  init?(_ node: JSONNode?) {
    guard let node else { return nil }
    self.init(
      isTrue: node.text("status") == "True", reason: node.text("reason") ?? "",
      message: node.text("message") ?? "")
  }

  static func no(_ reason: String, _ message: String) -> Self {
    Self(isTrue: false, reason: reason, message: message)
  }
  static func yes(_ reason: String, _ message: String) -> Self {
    Self(isTrue: true, reason: reason, message: message)
  }
}
