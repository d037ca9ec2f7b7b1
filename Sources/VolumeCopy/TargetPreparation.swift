internal import CLinux
private import Glibc

/// Everything that happens to the target before the first byte of data: room is checked, the file is made,
/// blocks are reserved, old bytes are zeroed where the device can do it by itself, and a device's head is
/// blanked.
struct TargetPreparation {
  /// What the threads need to know.
  struct Prepared {
    let target: Volume
    let forest: DigestForest
    /// What is left to copy, in order.
    let todo: [ByteRange]
    /// Of that, what may hold old bytes.
    let dirty: [ByteRange]
    let head: HeldHead?
    let zeroer: Zeroer
  }

  private let copier: Copier
  private let resume: Resume
  private let todo: [ByteRange]

  init(_ copier: Copier, _ resume: Resume) {
    self.copier = copier
    self.resume = resume
    todo = (0..<copier.source.size).without(resume.forest.extents.map(\.range))
  }

  func prepare(isCancelled: () -> Bool) throws(CopyError) -> Prepared {
    let target = try target()
    if resume.target != nil {
      // Takes the news of an earlier run's failed writes, which the kernel would hand to our first flush.
      // What they carried was in no checkpoint and is written again.
      _ = copier.calls.flush(target.descriptor.number)
    }
    let zeroer = Zeroer(target, preallocation: copier.options.preallocation, calls: copier.calls)
    if target.isBlock { return try prepareDevice(target, zeroer, isCancelled) }
    let dirty = resume.target == nil ? [] : zeroer.prepare(todo, isStopped: isCancelled)
    return Prepared(
      target: target, forest: resume.forest, todo: todo, dirty: dirty, head: nil, zeroer: zeroer)
  }

  // MARK: - A file

  private func target() throws(CopyError) -> Volume {
    if let target = resume.target {
      if !target.isBlock { try reserve(target) }
      return target
    }
    try refuseWithoutRoom()
    let made = try copier.target.partial!.create(like: copier.source)
    let result = copier.calls.resize(made.descriptor.number, copier.source.size)
    guard result == 0 else {
      throw SystemFault.error("size", .target, made.name, call: "ftruncate", result: result)
    }
    try reserve(made)
    return try Volume(made.descriptor, side: .target, name: made.name)
  }

  private func refuseWithoutRoom() throws(CopyError) {
    let check = SizeCheck(source: copier.source, target: copier.target, options: copier.options)
    guard copier.options.preallocation == .off else {
      return try check.refuseWithoutRoom(for: copier.source.size)
    }
    // What a device holds is known only after it was read; a file tells what it takes, or its extents do.
    guard !copier.source.isBlock, let room = copier.target.room() else { return }
    guard Int64(clamping: copier.source.identity.allocated) > room.available else { return }
    guard var map = ExtentMap(copier.source) else { return }
    try check.refuseWithoutRoom(for: map.sum())
  }

  private func reserve(_ target: Volume) throws(CopyError) {
    let options = copier.options
    guard options.preallocation != .off, copier.source.size > 0 else { return }
    let result = copier.calls.reserve(target.descriptor.number, 0, copier.source.size)
    guard result != 0 else { return }
    let fault = SystemFault.error("preallocate", .target, target.name, call: "fallocate", result: result)
    guard result == -Int64(EOPNOTSUPP) || result == -Int64(ENOSYS) else { throw fault }
    // Writing every byte needs no reservation.
    if options.preallocation == .full { return }
    guard options.allowsPreallocationDowngrade else {
      throw CopyError(
        .preallocationImpossible, side: .target, call: "fallocate", errno: fault.errno,
        message: "target \(target.name) cannot reserve unwritten blocks: its file system has no fallocate",
        remedy: "ask for preallocation full or off, or allow a downgrade")
    }
    copier.report.notes.append("preallocation unwritten was asked for, but the file system has no fallocate")
  }

  // MARK: - A device

  private func prepareDevice(
    _ target: Volume, _ zeroer: Zeroer, _ isCancelled: () -> Bool
  ) throws(CopyError) -> Prepared {
    let source = copier.source
    let isHeadLeft = todo.first?.lowerBound == 0
    let head = isHeadLeft ? HeldHead(length: source.size) : nil
    try head?.blank(target, copier.calls)
    let tail = source.size..<target.size
    let ranges = tail.isEmpty ? todo : todo + [tail]
    let dirty = zeroer.prepare(ranges, isStopped: isCancelled)
    let shares = copier.options.limits.map { RateLimiter.Share($0) }
    // Beyond the image a larger device must read as zero.
    for range in dirty {
      try zeroer.zero(range.clamped(to: tail)) { (bytes: Int64) throws(CopyError) in
        if isCancelled() { throw .cancelled }
        guard bytes > 0 else { return }
        for share in shares { share.wait(Int(bytes), isStopped: isCancelled) }
      }
    }
    return Prepared(
      target: target, forest: resume.forest, todo: todo, dirty: dirty, head: head, zeroer: zeroer)
  }
}
