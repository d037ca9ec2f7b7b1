internal import Admission

/// Where a clone stands and what is done about it: what its status says, and the actions. Each check throws
/// the step at which the clone has to stay; only within this room.
struct CloneStep: Error {
  var phase: DataVolumePhase
  /// One word, CDI's where it has one.
  var reason: String
  /// One line for people: what is wrong, with what, and what to do.
  var message: String
  /// Somebody should know: an event is recorded. An ordinary wait is none.
  var isProblem: Bool
  /// Bytes move.
  var isRunning = false
  var actions: [CloneAction] = []
  var wakeAfter: Int64?

  /// The reason of an end without a copy.
  static let adopted = "ClaimAdopted"

  private init(_ phase: DataVolumePhase, _ reason: String, _ message: String, isProblem: Bool) {
    self.phase = phase
    self.reason = reason
    self.message = BoundedText.message(message)
    self.isProblem = isProblem
  }

  /// It goes on by itself.
  static func wait(_ phase: DataVolumePhase, _ reason: String, _ message: String) -> CloneStep {
    CloneStep(phase, reason, message, isProblem: false)
  }

  /// Something is in the way that somebody may have to see to.
  static func problem(_ phase: DataVolumePhase, _ reason: String, _ message: String) -> CloneStep {
    CloneStep(phase, reason, message, isProblem: true)
  }

  static func running(_ message: String) -> CloneStep {
    var step = CloneStep(.cloneInProgress, "Running", message, isProblem: false)
    step.isRunning = true
    return step
  }

  /// The same, with these actions.
  func doing(_ actions: [CloneAction]) -> CloneStep {
    var step = self
    step.actions = actions
    return step
  }

  /// The same, looked at again after so many seconds.
  func waking(after seconds: Int64) -> CloneStep {
    var step = self
    step.wakeAfter = max(seconds, 1)
    return step
  }
}
