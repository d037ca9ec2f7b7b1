internal import CLinux

/// What of an earlier run can be believed.
struct Resume {
  /// Finished ranges; empty: start from the first byte.
  var forest: DigestForest
  /// The file or device to go on with; `nil` for a file that has to be made.
  var target: Volume?
  /// The target already stands complete under its final name.
  var isPublished = false
  /// What stands there is a copy of what the source held once.
  var hasOtherSource = false
  var notes: [String] = []
}

extension Copier {
  /// Compares the checkpoint with the volumes as they are now.
  func resume(_ checkpoint: CopyCheckpoint?, isCancelled: () -> Bool) throws(CopyError) -> Resume {
    var resume = Resume(forest: freshForest, target: target.device)
    guard let checkpoint else {
      try refusePublished()
      return resume
    }
    guard checkpoint.source == sourceIdentity else { return try resumeAfterChange(checkpoint) }
    if let published = try target.partial?.published() {
      guard try isOurs(published, checkpoint, isCancelled) else { throw target.exists }
      resume.target = published
      resume.isPublished = true
    } else if target.device == nil {
      resume.target = try target.partial?.left().flatMap { $0.size == source.size ? $0 : nil }
    }
    guard let found = resume.target, !(resume.isPublished && isReflink(checkpoint)) else { return resume }
    let isSame = found.targetIdentity == checkpoint.target
    try restore(
      isSame ? checkpoint.extents : believable(checkpoint.extents, on: found, isCancelled), into: &resume)
    if !isSame {
      resume.notes.append("the target is not the one of the checkpoint: its ranges were read back")
    }
    return resume
  }

  /// Of a source that is another one now nothing can be gone on with; but what had its final name was
  /// complete before.
  private func resumeAfterChange(_ checkpoint: CopyCheckpoint) throws(CopyError) -> Resume {
    var resume = Resume(forest: freshForest, target: target.device)
    guard let published = try target.partial?.published() else {
      resume.notes.append("the source changed since the checkpoint: everything is copied")
      return resume
    }
    let isWhole = isReflink(checkpoint) || checkpoint.finishedBytes == source.size
    guard published.targetIdentity == checkpoint.target, published.size == source.size, isWhole else {
      throw target.exists
    }
    (resume.target, resume.isPublished, resume.hasOtherSource) = (published, true, true)
    resume.notes.append("the copy was complete before the source changed")
    if !isReflink(checkpoint) { try restore(checkpoint.extents, into: &resume) }
    return resume
  }

  /// A reflink is finished as a whole and has no digest.
  private func isReflink(_ checkpoint: CopyCheckpoint) -> Bool {
    checkpoint.extents == [FinishedExtent(offset: 0, length: source.size, digest: [])]
  }

  /// After a mount a file system may have another number; then its file must hold what was told of it.
  private func isOurs(
    _ published: Volume, _ checkpoint: CopyCheckpoint, _ isCancelled: () -> Bool
  ) throws(CopyError) -> Bool {
    guard published.size == source.size else { return false }
    if published.targetIdentity == checkpoint.target { return true }
    guard Volume.isSameFile(published.targetIdentity, checkpoint.target) else { return false }
    let good = try believable(checkpoint.extents, on: published, isCancelled)
    return good.reduce(0) { $0 + $1.length } == source.size
  }

  private var freshForest: DigestForest {
    DigestForest(
      length: source.size, isHashing: options.verification != .off,
      runBytes: options.listsDigests ? DigestList.runBytes(for: source.size) : nil)
  }

  private func refusePublished() throws(CopyError) {
    if try target.partial?.published() != nil { throw target.exists }
  }

  private func restore(_ extents: [FinishedExtent], into resume: inout Resume) throws(CopyError) {
    for extent in extents where !resume.forest.restore(extent) {
      resume.notes.append("the checkpoint names a range that does not fit this image: everything is copied")
      resume.forest = freshForest
      return
    }
  }

  private func fits(_ extent: FinishedExtent) -> Bool {
    var forest = freshForest
    return extent.digest.count == 32 && forest.restore(extent)
  }

  /// The ranges that the target provably holds.
  private func believable(
    _ extents: [FinishedExtent], on target: Volume, _ isCancelled: () -> Bool
  ) throws(CopyError) -> [FinishedExtent] {
    let reader = TreeReader(target, calls: calls, threads: options.threadCount, direct: true)
    var good: [FinishedExtent] = []
    for extent in extents where fits(extent) && extent.range.upperBound <= target.size {
      let found = try reader.node(extent.range, of: source.size) { (_) throws(CopyError) in
        if isCancelled() { throw .cancelled }
      }
      if found == extent.digest { good.append(extent) }
    }
    return good
  }
}
