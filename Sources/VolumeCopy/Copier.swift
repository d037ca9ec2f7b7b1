internal import CLinux
private import Glibc

/// One copy, from measuring to publishing. Opening it claims both volumes: the source is held against
/// writers, the target against other copies, until the object goes away. Use it on one thread; `run`
/// blocks.
package final class Copier {
  let source: Volume
  let guardian: SourceGuard
  let target: CopyTarget
  let options: CopyOptions
  let calls: DiskCalls
  let ledger = Ledger()
  /// The source as it was when it was claimed.
  let sourceIdentity: String
  var report = CopyReport()

  /// Opens and measures both sides, and refuses what cannot work before anything is written.
  package init(
    source: VolumeLocation, target: VolumeLocation, options: CopyOptions = CopyOptions(),
    calls: DiskCalls = .system
  ) throws(CopyError) {
    try options.check()
    // A file that outgrows RLIMIT_FSIZE should fail with EFBIG, not end the process.
    signal(SIGXFSZ, SIG_IGN)
    self.source = try Volume.open(source, side: .source)
    self.target = try CopyTarget(target, key: options.key)
    self.options = options
    self.calls = calls
    try self.target.refuseOverlap(with: self.source)
    try SizeCheck(source: self.source, target: self.target, options: options).refuseTooSmall()
    guardian = try SourceGuard(self.source)
    sourceIdentity = self.source.sourceIdentity
    if let note = guardian.note { report.notes.append(note) }
  }

  /// Bytes of the image.
  package var sourceBytes: Int64 { source.size }
  /// Bytes of a block target; a file will be as large as the source.
  package var targetBytes: Int64 { target.device?.size ?? source.size }

  /// Removes what a cancelled copy left under its temporary name; nothing happens if there is nothing, or
  /// to a device.
  package static func discardPartial(of target: VolumeLocation, key: String?) throws(CopyError) {
    guard target.kind != .device else { return }
    let claimed = try CopyTarget(target, key: key)
    try claimed.partial?.discard()
  }

  /// Copies, or goes on where `checkpoint` ended. Returns only when every byte is flushed and the target
  /// has its final name.
  package func run(
    resuming checkpoint: CopyCheckpoint? = nil, events: CopyEvents = CopyEvents()
  ) throws(CopyError) -> CopyReport {
    let started = Monotonic.nanoseconds()
    do {
      try CopyWork(self, events).run(checkpoint)
    } catch {
      // Without a key nobody could find the partial again.
      if options.key == nil { try? target.partial?.discard() }
      throw error
    }
    report.seconds = Double(Monotonic.nanoseconds() - started) / 1e9
    return report
  }
}

extension CopyOptions {
  func check() throws(CopyError) {
    if let threads, !(1...CopyLimits.mostThreads).contains(threads) {
      throw CopyError(
        .invalidOption, side: .both, message: "\(threads) threads were asked for",
        remedy: "use 1 to \(CopyLimits.mostThreads)")
    }
    if listsDigests && verification == .off {
      throw CopyError(
        .invalidOption, side: .both, message: "a list of digests was asked for, but no digest",
        remedy: "ask for verification by digest or read")
    }
    if checkpointInterval < 4 * CopyLimits.segmentBytes {
      throw CopyError(
        .invalidOption, side: .both, message: "a checkpoint every \(checkpointInterval) bytes was asked for",
        remedy: "use at least \(4 * CopyLimits.segmentBytes) bytes")
    }
  }

  var threadCount: Int {
    threads ?? min(CopyLimits.defaultThreads, max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  }

  /// The threads of a copy. A thread that waits for a device does not hash meanwhile, so there are half as
  /// many again of them, unless the caller said how many. With 4 on 4 processors the digest cost 9 to 23 %
  /// onto or from a loop device, with 6 or 8 it cost 3 to 7 %; file to file it cost 2 to 5 % with 4.
  package func copyThreads(touchingDevice: Bool) -> Int {
    let hashesWhileWaiting = touchingDevice && threads == nil && verification != .off
    return hashesWhileWaiting ? threadCount + (threadCount + 1) / 2 : threadCount
  }
}
