import Synchronization
import VolumeCopy

/// Writes down what a running copy tells: progress once a second, checkpoints at once, steps as they are
/// reached. What cannot be written down stops the copy: it would run ahead of what the journal can vouch for.
final class CopyScribe: @unchecked Sendable {
  static let progressInterval: Int64 = 1_000

  private let job: Job
  private let queue: JobQueue
  private let warn: @Sendable (String) -> Void
  /// A progress note is on its way; the next is left out rather than queued behind a slow disk.
  private let isNoting = Atomic(false)
  // These are only touched by the thread that runs the copy (`CopyEvents`: never concurrently).
  private var notedAt: Int64 = 0
  private var counted: Int64 = 0
  private var step: JobStep
  private(set) var isBroken = false

  init(job: Job, queue: JobQueue, warn: @escaping @Sendable (String) -> Void) {
    self.job = job
    self.queue = queue
    self.warn = warn
    step = job.step == .waiting ? .waiting : .prepared
  }

  func note(_ progress: CopyProgress) {
    if let reached = JobStep(progress.stage), reached != step {
      attempt { () throws(JournalError) in try enter(reached) }
    }
    let time = MachineClock.uptimeMilliseconds()
    guard time - notedAt >= Self.progressInterval else { return }
    guard !isNoting.exchange(true, ordering: .relaxed) else { return }
    notedAt = time
    let now = JobProgress(progress)
    queue.note(now, moved: moved(now), job) { [self] in isNoting.store(false, ordering: .relaxed) }
  }

  /// The end, with what the totals do not know yet. Steps that took no time are not written one by one.
  func finish(_ report: JobReport, _ progress: JobProgress) throws(JournalError) {
    if step == .verifying { try enter(.verified) }
    try queue.finish(job, report, progress, moved: moved(progress))
  }

  private func moved(_ progress: JobProgress) -> Int64 {
    let all = progress.written + progress.reflinked
    defer { counted = all }
    return all - counted
  }

  func save(_ checkpoint: CopyCheckpoint) {
    attempt { () throws(JournalError) in try queue.save(checkpoint, job) }
  }

  /// Enters a step, and those that lie between: what is being verified was copied.
  func enter(_ reached: JobStep) throws(JournalError) {
    let road: [JobStep] = [.waiting, .prepared, .copying, .copied, .verifying, .verified]
    guard let here = road.firstIndex(of: step), let goal = road.firstIndex(of: reached), here < goal else {
      return
    }
    for next in road[(here + 1)...goal] {
      try queue.enter(next, job)
      step = next
    }
  }

  private func attempt(_ write: () throws(JournalError) -> Void) {
    guard !isBroken else { return }
    do throws(JournalError) { try write() } catch {
      isBroken = true
      warn("stops, because the journal could not be written: \(error)")
    }
  }
}

extension JobStep {
  fileprivate init?(_ stage: CopyProgress.Stage) {
    switch stage {
    case .done: return nil
    case .preparing: self = .prepared
    case .copying, .flushing: self = .copying
    case .verifying: self = .verifying
    }
  }
}

extension JobProgress {
  init(_ progress: CopyProgress) {
    self.init()
    total = progress.total
    done = progress.finished
    resumed = progress.resumed
    read = progress.read
    written = progress.written
    zero = progress.zero
    reflinked = progress.reflinked
    verified = progress.verified
    rate = progress.rate
  }
}

extension JobReport {
  init(_ report: CopyReport) {
    let allocation = report.allocation
    self.init(
      strategy: report.strategy.rawValue,
      notes: report.skipped.map { "not \($0.strategy.rawValue): \($0.reason)" } + report.notes,
      preallocationRequested: allocation.requested.rawValue,
      preallocationAchieved: allocation.achieved?.rawValue ?? "unknown", digest: report.digest ?? "",
      verified: report.verifiedByReading
        ? Verification.read.rawValue : report.digest == nil ? "off" : "digest")
  }
}

extension CopyError {
  /// CDI's event reasons where it has one, else the code.
  var reason: String {
    switch code {
    case .sourceInUse: "CloneSourceInUse"
    case .targetBusy: "UploadTargetInUse"
    case .notFound where side == .source: "CloneWithoutSource"
    case .doesNotFit, .sameVolume, .notAVolume: "CloneValidationFailed"
    default: code.rawValue.prefix(1).uppercased() + code.rawValue.dropFirst()
    }
  }
}
