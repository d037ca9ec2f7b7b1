internal import CLinux
private import Glibc
internal import Synchronization

/// The stages of one copy, in order, on the caller's thread: resume, reflink, prepare, copy, flush, prove,
/// publish.
final class CopyWork {
  /// A reflink moves this much at a time in the report; progress is told about ten times a second.
  private static let progressInterval: Int64 = 100_000_000

  let copier: Copier
  private let events: CopyEvents
  /// Counts errors of its own: a failed write-back that another descriptor was told about is still told to
  /// this one.
  private var flusher: Descriptor?
  private var lastProgress: Int64 = 0
  private var lastCheckpoint: Int64 = 0
  private var resumed: Int64 = 0
  /// What the whole-file reflink answered.
  private var cloneError: Int32 = 0

  init(_ copier: Copier, _ events: CopyEvents) {
    self.copier = copier
    self.events = events
  }

  private var source: Volume { copier.source }
  private var options: CopyOptions { copier.options }

  func run(_ checkpoint: CopyCheckpoint?) throws(CopyError) {
    var resume = try copier.resume(checkpoint) { self.events.isCancelled() }
    copier.report.notes += resume.notes
    resumed = resume.forest.extents.reduce(0) { $0 + $1.length }
    tell(.preparing, always: true)
    if resume.isPublished { return try finishPublished(resume) }
    if options.removesOtherPartials, let partial = copier.target.partial,
      let note = OtherPartials(beside: partial).remove()
    {
      copier.report.notes.append(note)
    }
    if resumed == 0 {
      try startAnew(&resume)
      if let target = try reflink() { return try finishReflink(target) }
    }
    try copyBytes(resume)
  }

  /// Nothing of an earlier run is believed: its file goes, so that none but the new one has the name.
  private func startAnew(_ resume: inout Resume) throws(CopyError) {
    guard let partial = copier.target.partial else { return }
    resume.target = nil
    try partial.discard()
  }

  // MARK: - Ends

  private func finishPublished(_ resume: Resume) throws(CopyError) {
    copier.report.strategy = .nothing
    copier.report.digest = resume.forest.top.map { TreeDigest(top: $0, length: source.size).description }
    // A reflink has no digest of its own to be compared with.
    let isProvable = resume.forest.top != nil || !resume.hasOtherSource
    if options.verification == .read {
      if isProvable {
        try provePublished(resume.target!, resume.forest.top)
      } else {
        copier.report.notes.append("it was not read back again: what it was made from is no more")
      }
    }
    measure(resume.target!)
    // The run that gave the name may have ended before it was durable.
    try copier.target.partial?.flushName(copier.calls)
    tell(.done, always: true)
  }

  /// Nobody knows whether the run that gave the name had read the target back. Since then it was complete to
  /// everybody: who uses it writes to it, and keeps it.
  private func provePublished(_ target: Volume, _ top: DigestForest.Value?) throws(CopyError) {
    let users = Holder.writers(of: target.identity) + BlockDevice.loops(over: target.identity)
    guard users.isEmpty else {
      copier.report.notes.append(
        "the target stood complete, and is in use by \(Holder.list(users)): it was not read back again")
      return
    }
    let expected: TreeDigest
    if let top {
      expected = TreeDigest(top: top, length: source.size)
    } else {
      expected = try digests(of: source, direct: false).digest
      try copier.guardian.checkAtEnd()
    }
    copier.report.digest = expected.description
    do {
      try compare(target, with: expected)
    } catch  where error.code == .mismatch {
      throw CopyError(
        .mismatch, side: .target, offset: error.offset,
        message: "\(error.message); or somebody wrote to it since it was complete",
        remedy: "if nobody has used it, do not use it: remove it, and copy again")
    }
  }

  private func finishReflink(_ target: Volume) throws(CopyError) {
    copier.report.strategy = .reflink
    copier.ledger.reflinked.add(source.size, ordering: .relaxed)
    copier.ledger.finished.add(source.size, ordering: .relaxed)
    tell(.flushing, always: true)
    try target.flush(copier.calls)
    try copier.guardian.checkAtEnd()
    if options.listsDigests || options.verification == .read { try digestReflink(target) }
    let whole = FinishedExtent(offset: 0, length: source.size, digest: [])
    events.checkpoint(
      CopyCheckpoint(source: copier.sourceIdentity, target: target.targetIdentity, extents: [whole]))
    try publish(target)
  }

  /// A reflink read nothing: the target is read for its digest, or first the source, if both shall be proven
  /// equal.
  private func digestReflink(_ target: Volume) throws(CopyError) {
    let isProof = options.verification == .read
    let expected = try digests(of: isProof ? source : target, direct: false)
    if isProof { try copier.guardian.checkAtEnd() }
    copier.report.digest = expected.digest.description
    copier.report.digests = options.listsDigests ? expected : nil
    if isProof { try compare(target, with: expected.digest) }
  }

  private func publish(_ target: Volume) throws(CopyError) {
    try wholeImage(target)
    measure(target)
    if events.isCancelled() { throw .cancelled }
    try copier.target.partial?.publish(target, copier.calls)
    tell(.done, always: true)
  }

  private func measure(_ target: Volume) {
    copier.report.allocation = Allocation.measure(target, requested: options.preallocation)
    if let note = Allocation.note(copier.report.allocation) { copier.report.notes.append(note) }
  }

  // MARK: - Copying

  private func copyBytes(_ resume: Resume) throws(CopyError) {
    let prepared = try TargetPreparation(copier, resume).prepare { self.events.isCancelled() }
    let target = prepared.target
    flusher = target.descriptor.privately()
    let run = CopyRun(prepared, copier, cloneError: cloneError)
    copier.report.strategy = resumed == source.size ? .nothing : .threads
    lastCheckpoint = Monotonic.nanoseconds()
    let threads = options.copyThreads(touchingDevice: source.isBlock || target.isBlock)
    try run.crew.run(threads) { () throws(CopyError) in
      try SegmentCopier(run).work()
    } tick: { () throws(CopyError) in
      try self.look(after: run)
    }
    if let rung = run.ranges.strategy { copier.report.strategy = rung }
    copier.report.skipped += run.ranges.skipped
    copier.report.badRanges = run.sortedBadRanges
    try finish(run)
  }

  private func finish(_ run: CopyRun) throws(CopyError) {
    tell(.flushing, always: true)
    if let note = run.zeroer.retry() { copier.report.notes.append(note) }
    try flush(run.target)
    try copier.guardian.checkAtEnd()
    copier.guardian.release()
    if let head = run.head {
      try head.release(to: run.target, copier.calls)
      run.finishHead()
    }
    let digest = run.isHashing ? TreeDigest(top: run.top, length: source.size) : nil
    copier.report.digest = digest?.description
    copier.report.digests = run.forest.withLock { $0.list }
    if options.verification == .read, let digest { try proveOrBlank(run, digest) }
    tellCheckpoint(run, run.forest.withLock { $0.extents })
    try publish(run.target)
  }

  private func proveOrBlank(_ run: CopyRun, _ digest: TreeDigest) throws(CopyError) {
    do {
      try compare(run.target, with: digest)
    } catch {
      // A device that does not hold what was written must not boot.
      if error.code == .mismatch, run.target.isBlock {
        try HeldHead(length: source.size).blank(run.target, copier.calls)
      }
      throw error
    }
  }

  /// Called many times a second while the threads work.
  private func look(after run: CopyRun) throws(CopyError) {
    if events.isCancelled() { throw .cancelled }
    try copier.guardian.check()
    tell(.copying)
    let now = Monotonic.nanoseconds()
    let isLate = now - lastCheckpoint >= CopyLimits.checkpointSeconds * 1_000_000_000
    guard run.backlog.isCheckpointDue || (isLate && run.backlog.hasNews) else { return }
    lastCheckpoint = now
    try checkpoint(run)
  }

  /// The ranges are taken down first, then flushed, then told: nothing unflushed is ever told.
  private func checkpoint(_ run: CopyRun) throws(CopyError) {
    let booked = run.backlog.booked
    let extents = run.forest.withLock { $0.extents }
    try flush(run.target)
    guard !run.crew.isStopped else { return }
    tellCheckpoint(run, extents)
    run.backlog.secure(booked)
  }

  private func tellCheckpoint(_ run: CopyRun, _ extents: [FinishedExtent]) {
    events.checkpoint(
      CopyCheckpoint(source: copier.sourceIdentity, target: run.target.targetIdentity, extents: extents))
  }
  private func flush(_ target: Volume) throws(CopyError) {
    let result = copier.calls.flush((flusher ?? target.descriptor).number)
    guard result == 0 else {
      throw SystemFault.error("flush", .target, target.name, call: "fsync", result: result)
    }
  }

  // MARK: - Proof

  private func compare(_ target: Volume, with digest: TreeDigest) throws(CopyError) {
    _ = clinux_drop_cache(target.descriptor.number, 0, 0)
    let found = try digests(of: target, direct: true).digest
    guard found == digest else {
      let place = try Comparison.firstDifference(source, target, copier.calls, options.threadCount)
      throw mismatch(target, "does not hold what was read from the source", place)
    }
    // A larger device: what it held before must be gone from its tail, too.
    let tail = source.size..<target.size
    let rest = try Comparison.zeroTail(target, tail, copier.calls, options.limits, events, direct: true)
    if let rest { throw mismatch(target, "does not read zero beyond the image", rest) }
    copier.report.verifiedByReading = true
  }

  private func mismatch(_ target: Volume, _ what: String, _ place: ByteRange?) -> CopyError {
    CopyError(
      .mismatch, side: .target, offset: place?.lowerBound,
      message: "target \(target.name) \(what)" + (place.map { ": first at offset \($0.lowerBound)" } ?? ""),
      remedy: "do not use it: check the target's storage and the kernel log, then copy again",
      retryable: true)
  }

  private func digests(of volume: Volume, direct: Bool) throws(CopyError) -> DigestList {
    let reader = TreeReader(
      volume, calls: copier.calls, threads: options.threadCount, direct: direct,
      trustsHoles: options.trustsHoles,
      limits: options.limits)
    return try reader.digests(source.size) { (done: Int64) throws(CopyError) in
      if self.events.isCancelled() { throw .cancelled }
      self.copier.ledger.verified.store(done, ordering: .relaxed)
      self.tell(.verifying)
    }
  }

  private func wholeImage(_ target: Volume) throws(CopyError) {
    guard options.wholeImageSHA256 else { return }
    let hash = ImageHash(target, source.size, copier.calls, limits: options.limits)
    copier.report.sha256 = try hash.text(isCancelled: events.isCancelled)
  }

  // MARK: - Reflink

  /// The target as a whole-file reflink, or `nil` with the reason in the report.
  private func reflink() throws(CopyError) -> Volume? {
    guard let reason = reasonAgainstReflink else {
      let target = try copier.target.partial!.create(like: source)
      let result = copier.calls.cloneFile(source.descriptor.number, target.descriptor.number)
      if result == 0 { return try Volume(target.descriptor, side: .target, name: target.name) }
      cloneError = Int32(-result)
      skip(.reflink, "the file system refused it (\(SystemFault.name(Int32(-result))))")
      return nil
    }
    skip(.reflink, reason)
    return nil
  }

  private var reasonAgainstReflink: String? {
    if options.skipsBadRanges { return "ranges that cannot be read are to be skipped, so all are read" }
    if source.isBlock { return "the source is a block device" }
    if copier.target.device != nil { return "the target is a block device" }
    if options.preallocation != .off { return "preallocation asks for blocks of the target's own" }
    return options.allowsReflink ? nil : "a real copy was asked for"
  }

  private func skip(_ strategy: CopyReport.Strategy, _ reason: String) {
    copier.report.skipped.append(.init(strategy: strategy, reason: reason))
  }

  // MARK: - Progress

  private func tell(_ stage: CopyProgress.Stage, always: Bool = false) {
    let now = Monotonic.nanoseconds()
    guard always || now - lastProgress >= Self.progressInterval else { return }
    lastProgress = now
    copier.report.progress = copier.ledger.progress(stage, total: source.size, resumed: resumed)
    events.progress(copier.report.progress)
  }
}
