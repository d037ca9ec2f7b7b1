import Admission
import Control
import Jobs

extension VolumeCopyReport {
  /// What is told of a job.
  /// - Parameter now: the heartbeat.
  init(_ job: Job, now: UTCTime) {
    self.init(observedAttempt: job.attempt, phase: Self.phase(job))
    (reason, message) = (job.reason, job.message + Self.advice(job))
    isRetryable = phase == .failed && job.isRetryable
    restarts = job.restarts
    let progress = job.progress
    if progress.total > 0 {
      bytesTotal = progress.total
      bytesDone = progress.done
      bytesWritten = progress.written
      bytesZero = progress.zero
      bytesReflinked = progress.reflinked
    }
    if job.step.isMoving {
      bytesPerSecond = progress.rate
      secondsLeft = job.secondsLeft
    }
    if let report = job.report {
      method = report.strategy
      digest = report.digest
      preallocation = Preallocation(
        requested: report.preallocationRequested, achieved: report.preallocationAchieved)
    }
    startTime = job.startedAt.map { UTCTime(seconds: $0 / 1000) }
    finishTime = phase.isFinal ? job.finishedAt.map { UTCTime(seconds: $0 / 1000) } : nil
    heartbeatTime = now
  }

  /// The worker's word for it.
  private static let targetExists = "TargetExists"

  /// The engine knows no orders. A disk that is there already is most often the work of an earlier order for
  /// the same claim that was deleted by hand when all was copied; nobody can tell, so nothing is written.
  private static func advice(_ job: Job) -> String {
    guard phase(job) == .failed, job.reason == targetExists else { return "" }
    return
      "; it may be the finished copy of an order that was deleted: to clone again, delete the DataVolume "
      + "and create it anew, or remove that file on the node and delete this VolumeCopy"
  }

  /// A failure that the worker itself tries again is a wait.
  private static func phase(_ job: Job) -> Phase {
    switch job.step {
    case .accepted, .waiting, .prepared: .waiting
    case .copying, .copied: .copying
    case .verifying, .verified: .verifying
    case .reported: .succeeded
    case .failed: job.failure == .final ? .failed : .waiting
    case .cancelled: .failed
    }
  }

  /// An order that is not carried out, for good.
  init(_ obstacle: NodePlaces.Obstacle, attempt: Int, now: UTCTime) {
    self.init(observedAttempt: attempt, phase: .failed)
    (reason, message) = (obstacle.reason, obstacle.message)
    finishTime = now
    heartbeatTime = now
  }

  /// The same but for when it was said.
  func says(theSameAs other: VolumeCopyReport) -> Bool {
    var (mine, theirs) = (self, other)
    (mine.heartbeatTime, theirs.heartbeatTime) = (nil, nil)
    // An obstacle that was found again is the same one.
    if reason == other.reason, phase == .failed { mine.finishTime = theirs.finishTime }
    return mine == theirs
  }

  /// The same but for how far the copy is. How much there is to copy is said once.
  func saysNoMore(than other: VolumeCopyReport) -> Bool {
    var mine = self
    (mine.bytesDone, mine.bytesWritten, mine.bytesZero) = (
      other.bytesDone, other.bytesWritten, other.bytesZero
    )
    (mine.bytesReflinked, mine.bytesPerSecond, mine.secondsLeft) = (
      other.bytesReflinked, other.bytesPerSecond, other.secondsLeft
    )
    return !phase.isFinal && mine.says(theSameAs: other)
  }
}
