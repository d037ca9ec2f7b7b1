package import Admission
package import JSON

/// A VolumeCopy's status: how far the copier is. The copier writes it, the controller reads it.
package struct VolumeCopyReport: Sendable, Hashable {
  package enum Phase: String, Sendable, CaseIterable {
    /// Taken, but something is in the way: `reason` says what. The copier goes on by itself.
    case waiting = "Waiting"
    case copying = "Copying"
    /// Everything is copied; the target is read and compared.
    case verifying = "Verifying"
    case succeeded = "Succeeded"
    /// `isRetryable` says whether another attempt may succeed.
    case failed = "Failed"

    /// Nothing more comes of this attempt.
    package var isFinal: Bool { self == .succeeded || self == .failed }
  }

  /// What was asked of the target's blocks and what was got: `off`, `unwritten` or `full`.
  package struct Preallocation: Sendable, Hashable {
    package var requested: String
    package var achieved: String

    package init(requested: String, achieved: String) {
      self.requested = requested
      self.achieved = achieved
    }
  }

  /// The attempt that all the rest is about.
  package var observedAttempt: Int
  package var phase: Phase
  /// One word for programs; empty when there is nothing to say. At most `Limit.reason` bytes are written.
  package var reason = ""
  /// One line for people. At most `Limit.message` bytes are written.
  package var message = ""
  package var isRetryable = false
  /// How often the copier was started again in the middle of this attempt.
  package var restarts = 0
  /// Bytes to be copied; nil before they were measured.
  package var bytesTotal: Int64?
  package var bytesDone: Int64?
  package var bytesWritten: Int64?
  package var bytesZero: Int64?
  package var bytesReflinked: Int64?
  package var bytesPerSecond: Int64?
  package var secondsLeft: Int64?
  /// How the bytes travelled.
  package var method = ""
  /// Digest of what was copied; empty without one.
  package var digest = ""
  package var preallocation: Preallocation?
  package var startTime: UTCTime?
  /// When this attempt succeeded or failed.
  package var finishTime: UTCTime?
  package var heartbeatTime: UTCTime?

  package init(observedAttempt: Int, phase: Phase) {
    self.observedAttempt = observedAttempt
    self.phase = phase
  }

  /// Bytes of the texts; the CRD's numbers, which count characters.
  package enum Limit {
    package static let reason = 128
    package static let message = 4096
    package static let method = 64
    package static let digest = 256
    package static let preallocation = 64
  }
}

extension VolumeCopyReport {
  /// Reads the `status` of a VolumeCopy.
  /// - Throws: what is missing or out of its range. Longer texts are cut.
  package init(status node: JSONNode) throws(VolumeCopyProblem) {
    let fields = VolumeCopyFields(node: node, path: "status")
    let counts: ClosedRange<Int64> = 0...Int64.max
    let small: ClosedRange<Int64> = 0...Int64(Int32.max)
    self.init(
      observedAttempt: Int(try fields.number("observedAttempt", in: small)), phase: try fields.choice("phase")
    )
    reason = fields.line("reason", limit: Limit.reason)
    message = fields.line("message", limit: Limit.message)
    isRetryable = node.field("retryable")?.bool ?? false
    restarts = Int(try fields.optionalNumber("restarts", in: small) ?? 0)
    bytesTotal = try fields.optionalNumber("bytesTotal", in: counts)
    bytesDone = try fields.optionalNumber("bytesDone", in: counts)
    bytesWritten = try fields.optionalNumber("bytesWritten", in: counts)
    bytesZero = try fields.optionalNumber("bytesZero", in: counts)
    bytesReflinked = try fields.optionalNumber("bytesReflinked", in: counts)
    bytesPerSecond = try fields.optionalNumber("bytesPerSecond", in: counts)
    secondsLeft = try fields.optionalNumber("secondsLeft", in: counts)
    method = fields.line("method", limit: Limit.method)
    digest = fields.line("digest", limit: Limit.digest)
    if let done = node.field("preallocation") {
      let fields = VolumeCopyFields(node: done, path: "status.preallocation")
      preallocation = Preallocation(
        requested: fields.line("requested", limit: Limit.preallocation),
        achieved: fields.line("achieved", limit: Limit.preallocation))
    }
    startTime = try fields.optionalTime("startTime")
    finishTime = try fields.optionalTime("finishTime")
    heartbeatTime = try fields.optionalTime("heartbeatTime")
  }

  /// The whole `status`, without the fields that say nothing.
  package var json: JSONValue {
    var status = JSONObject()
    for (name, value) in fields where value != .null { status[name] = value }
    return .object(status)
  }

  /// A merge patch of the status subresource that leaves exactly this report: fields that say nothing are
  /// null, so that none of an earlier attempt stays.
  package var mergePatch: JSONValue {
    var status = JSONObject()
    for (name, value) in fields { status[name] = value }
    return ["status": .object(status)]
  }

  private var fields: [(String, JSONValue)] {
    [
      ("observedAttempt", .number(String(observedAttempt))),
      ("phase", .string(phase.rawValue)),
      ("reason", Self.text(reason, Limit.reason)),
      ("message", Self.text(message, Limit.message)),
      ("retryable", .bool(isRetryable)),
      ("restarts", .number(String(restarts))),
      ("bytesTotal", Self.number(bytesTotal)),
      ("bytesDone", Self.number(bytesDone)),
      ("bytesWritten", Self.number(bytesWritten)),
      ("bytesZero", Self.number(bytesZero)),
      ("bytesReflinked", Self.number(bytesReflinked)),
      ("bytesPerSecond", Self.number(bytesPerSecond)),
      ("secondsLeft", Self.number(secondsLeft)),
      ("method", Self.text(method, Limit.method)),
      ("digest", Self.text(digest, Limit.digest)),
      ("preallocation", preallocation.map(Self.object) ?? .null),
      ("startTime", Self.time(startTime)),
      ("finishTime", Self.time(finishTime)),
      ("heartbeatTime", Self.time(heartbeatTime)),
    ]
  }

  private static func text(_ text: String, _ limit: Int) -> JSONValue {
    text.isEmpty ? .null : .string(BoundedText.message(BoundedText.sentence(text), limit: limit))
  }

  private static func number(_ number: Int64?) -> JSONValue { number.map { .number(String($0)) } ?? .null }

  private static func time(_ time: UTCTime?) -> JSONValue { time.map { .string($0.description) } ?? .null }

  private static func object(_ preallocation: Preallocation) -> JSONValue {
    [
      "requested": .string(BoundedText.message(preallocation.requested, limit: Limit.preallocation)),
      "achieved": .string(BoundedText.message(preallocation.achieved, limit: Limit.preallocation)),
    ]
  }
}
