import Control
import Jobs

/// A job's numbers for people.
extension Job {
  /// `1.2GiB/2.0GiB`, or `-` before anything was measured.
  var bytesText: String {
    guard progress.total > 0 else { return "-" }
    return Magnitude.bytes(progress.done) + "/" + Magnitude.bytes(progress.total)
  }

  /// Bytes a second while bytes move.
  var rateText: String { step.isMoving && progress.rate > 0 ? Magnitude.bytes(progress.rate) + "/s" : "-" }

  /// Seconds that are left at the present rate; nil when there is no telling.
  var secondsLeft: Int64? {
    guard step.isMoving, progress.rate > 0, progress.total > progress.done else { return nil }
    return (progress.total - progress.done + progress.rate - 1) / progress.rate
  }

  var etaText: String { secondsLeft.map(Magnitude.duration) ?? "-" }

  /// Whether nothing more happens to it unless someone steps in.
  var hasEnded: Bool { step.isFinal || (step == .failed && failure == .final) }
}
