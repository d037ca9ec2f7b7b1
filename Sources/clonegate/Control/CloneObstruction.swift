import Admission
import Control
import Kubernetes

/// What keeps the API server from doing what a clone needs, as far as people should be told: its rules, a
/// quota or a policy at once; what usually passes by itself, when it does not.
///
/// What was told stays in force for a while, in which nothing new is tried: the status that tells of it is a
/// change of the DataVolume too, and whoever refuses in other words each time would be asked for ever.
struct CloneObstruction: Sendable {
  /// What was looked at when it was met: the DataVolume but for its status, its claim, its order. Another one
  /// may fare better.
  struct Subject: Hashable, Sendable {
    var dataVolume: [UInt8] = []
    var claim = ""
    var order = ""
  }

  /// Failures in a row of the passing kind that nobody is told of: an API server or a webhook that starts
  /// again is back within these retries, which take some two seconds.
  static let patience = 3

  /// Conflicts in a row that a mirror which is behind accounts for: some six seconds' worth.
  static let overtakings = 20

  let subject: Subject
  /// The order that could not be removed, when that is what is in the way: one of an earlier DataVolume of
  /// the name.
  let earlierOrder: String?
  private var failures = 0
  private var conflicts = 0
  private var tellings = 0
  private var notBefore: ContinuousClock.Instant?
  /// What was told last.
  private(set) var trouble: CloneTrouble?

  init(of subject: Subject = Subject(), earlierOrder: String? = nil) {
    self.subject = subject
    self.earlierOrder = earlierOrder
  }

  /// - Returns: whether there is something to tell now.
  mutating func met(_ error: KubernetesError, at now: ContinuousClock.Instant = .now) -> Bool {
    // Without an answer nothing can be written, the status as little as the rest.
    guard error.code != nil else { return false }
    failures += 1
    guard !error.isTransient || failures > Self.patience else { return false }
    return tell(error, at: now)
  }

  /// Somebody else was faster, or what was seen is old, says the API server.
  /// - Returns: whether a mirror that is behind accounts for that.
  mutating func overtaken(by error: KubernetesError, at now: ContinuousClock.Instant = .now) -> Bool {
    conflicts += 1
    guard conflicts > Self.overtakings else { return true }
    _ = tell(error, at: now)
    return false
  }

  /// Why nothing new is tried now; nil once it is to be tried again.
  func trouble(at now: ContinuousClock.Instant) -> CloneTrouble? {
    notBefore.map { now < $0 } ?? false ? trouble : nil
  }

  /// The pause after what was told so often: doubled each time. The administrator who has put something right
  /// should not have to wait for long, and nobody tells us.
  static func pause(after tellings: Int) -> Duration {
    .seconds(min(ControlTiming.poll << Int64(min(max(tellings, 1) - 1, 8)), longestPause))
  }

  private static let longestPause = 4 * ControlTiming.poll

  private mutating func tell(_ error: KubernetesError, at now: ContinuousClock.Instant) -> Bool {
    guard trouble(at: now) == nil else { return false }
    tellings += 1
    notBefore = now + Self.pause(after: tellings)
    trouble = told(error)
    return true
  }

  private func told(_ error: KubernetesError) -> CloneTrouble {
    let message = Self.withoutPorts(error.message)
    guard let earlierOrder else { return CloneTrouble(reason: error.reason.rawValue, message: message) }
    return CloneTrouble(
      reason: "CopyOrderNotRemoved",
      message:
        "VolumeCopy \(BoundedText.plain(earlierOrder)) of an earlier DataVolume of this name cannot be "
        + "removed (\(message)); see to that, or delete it")
  }

  /// `read tcp 10.0.0.1:43122->10.0.0.2:443: connection reset` has another port of our side each time, and
  /// would be another sentence and another event.
  static func withoutPorts(_ message: String) -> String {
    let parts = message.split(separator: "->", omittingEmptySubsequences: false)
    let cut = parts.dropLast().map { part -> Substring in
      let digits = part.reversed().prefix { $0.isASCII && $0.isNumber }.count
      let rest = part.dropLast(digits)
      return digits > 0 && rest.last == ":" ? rest.dropLast() : part
    }
    return (cut + parts.suffix(1)).joined(separator: "->")
  }
}
