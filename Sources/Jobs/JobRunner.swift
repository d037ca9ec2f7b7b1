import Synchronization
import VolumeCopy

/// One job on a thread of its own, from the look for its volumes to its report. Whatever happens ends as a
/// step in the journal; if even that cannot be written, the job stays taken and the worker takes it up again
/// later.
final class JobRunner: Sendable {
  /// What a runner was asked to do besides its job.
  enum Wish: Int, Sendable {
    case goOn
    /// Someone cancelled the job or deleted its DataVolume: clear away what there is.
    case clear
    /// The worker leaves: stop at the next checkpoint, the job goes on elsewhere.
    case leave
  }

  let job: Job
  let context: WorkerContext
  private let wish = Atomic(Wish.goOn.rawValue)
  private let source = Mutex<String?>(nil)

  init(job: Job, context: WorkerContext) {
    self.job = job
    self.context = context
  }

  /// The last wish but one cannot take back a `clear`.
  func ask(_ new: Wish) {
    if new == .clear || wished == .goOn { wish.store(new.rawValue, ordering: .relaxed) }
  }

  var wished: Wish { Wish(rawValue: wish.load(ordering: .relaxed)) ?? .goOn }

  /// Whether the copy reads this place, or may be about to.
  func reads(_ place: String) -> Bool {
    !job.isUnwanted && source.withLock { $0.map { $0 == place } ?? true }
  }

  func run() {
    do throws(JournalError) {
      if job.isUnwanted { try clear() } else { try begin() }
    } catch {
      context.log(.error, "the journal could not be written, the job is taken up again: \(error)", job)
    }
  }

  // MARK: find the volumes

  private func begin() throws(JournalError) {
    switch context.resolver(job, try context.queue.known(for: job)) {
    case .notYet(let reason, let message): try wait(.accepted, reason, message)
    case .lost(let reason, let message):
      if try leavePlace() { try wait(.accepted, reason, message) }
    case .refused(let reason, let message):
      // Where volumes live on without their job, this one's may be another's by now.
      if context.options.releasesPlaces {
        try withdraw(Objection(reason: reason, message: message))
      } else {
        try fail(reason, message, retryable: false)
      }
    case .found(let places): try prepare(places)
    }
  }

  private func prepare(_ places: CopyPlaces) throws(JournalError) {
    let wasEmpty = !context.volumes.hasImage(places.binding)
    guard try context.queue.bind(job, places, wasEmpty: wasEmpty) else { return try refrain(places.binding) }
    source.withLock { $0 = places.source.description }
    do throws(VolumeStoreError) {
      if places.binding.isGiven { try context.volumes.make(places.binding.path) }
    } catch {
      return try fail("ErrProvisioning", error.message, retryable: error.errno != 0)
    }
    let devices = context.engine.devices(places)
    if let full = context.devices.enter(job.id, devices) {
      let why = "other jobs copy there or are next (see: clonegate jobs limit --parallel-per-device)"
      return try wait(.waiting, DeviceLine.reason, "its turn on device \(full) has not come: \(why)")
    }
    try copy(places, devices)
  }

  /// The place is another job's, or this one has a place elsewhere, from before its way was changed.
  private func refrain(_ binding: Binding) throws(JournalError) {
    if try context.queue.binding(job) == nil {
      return try wait(.accepted, "VolumeInUse", "\(binding.path) still belongs to another DataVolume")
    }
    if try leavePlace() { try wait(.accepted, "VolumeChanged", "starts again, at \(binding.path)") }
  }

  private func wait(_ step: JobStep, _ reason: String, _ message: String) throws(JournalError) {
    let until = MachineClock.now() + context.options.waitInterval
    if job.reason != reason || job.message != message { context.log(.info, "waits: \(message)", job) }
    try context.queue.wait(job, step: step, reason: reason, message: message, until: until)
  }

  private func fail(_ reason: String, _ message: String, retryable: Bool) throws(JournalError) {
    context.log(retryable ? .warning : .error, "failed: \(message)", job)
    try context.queue.fail(job, reason: reason, message: message, retryable: retryable)
  }

  // MARK: copy

  private func copy(_ places: CopyPlaces, _ devices: Set<Device>) throws(JournalError) {
    let scribe = CopyScribe(job: job, queue: context.queue) { [context, job] trouble in
      context.log(.warning, trouble, job)
    }
    var options = options(places)
    // The device's share first: the worker's is then not kept from others who could use it.
    options.limits = context.devices.limiters(devices) + [context.limiter]
    let resuming = try context.queue.checkpoint(job)
    let events = CopyEvents(
      progress: { scribe.note($0) }, checkpoint: { scribe.save($0) },
      isCancelled: { self.wished != .goOn || scribe.isBroken || places.objection() != nil })
    let outcome: Result<CopyReport, CopyError>
    do throws(CopyError) {
      outcome = .success(try context.engine.run(places, options, resuming, events))
    } catch {
      outcome = .failure(error)
    }
    // What was copied into another's volume is no success either.
    if wished != .clear, let objection = places.objection() { return try withdraw(objection) }
    switch outcome {
    case .success(let report): finish(report, scribe)
    case .failure(let error): try end(error)
    }
  }

  private func options(_ places: CopyPlaces) -> CopyOptions {
    var options = CopyOptions()
    options.key = "job-\(job.id)-\(job.uid)"
    // The place is bound to this job and to no other.
    options.removesOtherPartials = true
    // A device has no blocks to reserve: there, preallocated means written.
    let reserved: Preallocation = places.binding.kind == .device ? .full : .unwritten
    options.preallocation = job.terms.preallocation ? reserved : .off
    options.verification = places.verification ?? context.options.verification
    options.threads = context.options.threads
    options.checkpointInterval = context.options.checkpointInterval
    options.declaredSourceBytes = places.declaredSourceBytes
    options.declaredTargetBytes = places.declaredTargetBytes
    options.allowsReflink = context.options.allowsReflink
    return options
  }

  private func finish(_ report: CopyReport, _ scribe: CopyScribe) {
    do throws(JournalError) {
      try scribe.finish(JobReport(report), JobProgress(report.progress))
      context.log(.info, "copied by \(report.strategy.rawValue) in \(report.seconds) s", job)
    } catch {
      context.log(.error, "is copied, but the journal could not be written: \(error)", job)
    }
  }

  private func end(_ error: CopyError) throws(JournalError) {
    let message = error.description
    switch (error.code, wished) {
    case (.cancelled, .clear): try clear()
    case (.cancelled, _): try context.queue.release(job)
    case (.sourceInUse, _), (.targetBusy, _): try wait(.waiting, error.reason, message)
    case (.notFound, _) where error.side == .source: try wait(.waiting, error.reason, message)
    case (.targetExists, _), (.doesNotFit, _), (.sameVolume, _), (.notAVolume, _):
      try context.queue.giveUpPlace(job)
      try fail(error.reason, message, retryable: error.retryable)
    case (.mismatch, _) where error.retryable:
      // What the checkpoint vouches for is not there: nothing of it is believed again.
      try context.queue.forgetCheckpoint(job)
      try fail(error.reason, message, retryable: error.retryable)
    default: try fail(error.reason, message, retryable: error.retryable)
    }
  }

  // MARK: clear away

  /// Removes what the job wrote and frees its place; then it is cancelled, or, when its DataVolume is gone,
  /// forgotten.
  private func clear() throws(JournalError) {
    if let (binding, isOurs) = try context.queue.binding(job) {
      let removesImage = isOurs ? try hasPublished(binding) : false
      do throws(VolumeStoreError) {
        let left = try context.volumes.remove(binding, includingImage: removesImage)
        if !left.isEmpty {
          context.log(
            .warning, "\(binding.path) keeps what is not ours: \(left.sorted().joined(separator: ", "))", job)
        }
      } catch {
        return try wait(job.step, "ErrRemoving", "the volume could not be removed yet: \(error)")
      }
    }
    try context.queue.clear(job)
    let volume = context.options.releasesPlaces ? "its volume stays" : "with its volume"
    context.log(.info, job.removed ? "is deleted, \(volume)" : "is cancelled", job)
  }

  /// Whether the image there is what this job copied, and no one else's who put one there meanwhile.
  private func hasPublished(_ binding: Binding) throws(JournalError) -> Bool {
    // A volume that lives on without its job may have another's image by now.
    guard !context.options.releasesPlaces else { return false }
    guard job.step != .reported else { return true }
    // The report may not have been written, but the last checkpoint is told before an image has its name.
    guard let checkpoint = try context.queue.checkpoint(job) else { return false }
    return checkpoint.isOf(imageIn: binding.path, beneath: context.volumes.limit(of: binding))
  }

  /// The volumes are not the job's any more.
  private func withdraw(_ objection: Objection) throws(JournalError) {
    if try leavePlace() { try fail(objection.reason, objection.message, retryable: false) }
  }

  /// The unfinished file goes, nothing else there is touched, and the place is free for whoever has it now.
  /// False: it could not be done, and the job waits to do it.
  private func leavePlace() throws(JournalError) -> Bool {
    if let (binding, _) = try context.queue.binding(job) {
      do throws(VolumeStoreError) { _ = try context.volumes.remove(binding, includingImage: false) } catch {
        try wait(.waiting, "ErrRemoving", "the unfinished file could not be removed yet: \(error)")
        return false
      }
    }
    try context.queue.leavePlace(job)
    return true
  }
}
