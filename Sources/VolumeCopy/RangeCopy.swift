internal import CLinux
private import Glibc
internal import Synchronization

/// The two rungs between a whole-file reflink and threads: the kernel shares, or copies, one range at a
/// time. They read nothing here, so they run only without a digest. A rung that fails is left for the next
/// one, for good.
final class RangeCopy: Sendable {
  /// File systems whose `copy_file_range` shares blocks or lets a server copy. Elsewhere the kernel only
  /// reads and writes, one thread at a time, zeroes included: our threads do that better.
  private static let copiers: Set<UInt64> = [
    0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x00C3_6400, 0x6573_5546, 0x5846_5342, 0x9123_683E,
  ]  // NFS, CIFS, SMB2, CephFS, FUSE, XFS, btrfs

  private struct State {
    var rungs: [CopyReport.Strategy] = []
    var skipped: [CopyReport.Skipped] = []
    var isUsed = false
  }

  private let calls: DiskCalls
  private let state = Mutex(State())

  /// `cloneError`: what the whole-file reflink answered, 0 if it was not tried.
  init(_ copier: Copier, _ target: Volume, cloneError: Int32) {
    calls = copier.calls
    guard !copier.source.isBlock, !target.isBlock, copier.options.preallocation == .off,
      copier.options.allowsReflink
    else { return }
    guard copier.options.verification == .off, !copier.options.skipsBadRanges else {
      skip(
        [.reflinkRanges, .copyFileRange], "the digest, or skipping bad ranges, needs every byte to be read")
      return
    }
    if [EOPNOTSUPP, EXDEV, ENOTTY, ENOSYS].contains(cloneError) {
      skip([.reflinkRanges], "the file system cannot share blocks (\(SystemFault.name(cloneError)))")
    } else {
      state.withLock { $0.rungs.append(.reflinkRanges) }
    }
    if Self.copiers.contains(clinux_file_system(target.descriptor.number)) {
      state.withLock { $0.rungs.append(.copyFileRange) }
    } else {
      skip([.copyFileRange], "this file system copies no faster by itself, and would copy zeroes")
    }
  }

  /// The rung that copied, once the copy is over; `nil`: threads.
  var strategy: CopyReport.Strategy? { state.withLock { $0.isUsed ? $0.rungs.first : nil } }
  var skipped: [CopyReport.Skipped] { state.withLock { $0.skipped } }

  /// Copies one stretch of data; the rung that did, or `nil`.
  func copy(_ range: ByteRange, _ source: Int32, _ target: Int32) -> CopyReport.Strategy? {
    while let rung = state.withLock({ $0.rungs.first }) {
      let result = rung == .reflinkRanges ? clone(range, source, target) : copyAll(range, source, target)
      if result == 0 {
        state.withLock { $0.isUsed = true }
        return rung
      }
      let reason = "the file system refused it (\(SystemFault.name(Int32(-result))))"
      state.withLock { state in
        guard state.rungs.first == rung else { return }
        state.rungs.removeFirst()
        state.skipped.append(.init(strategy: rung, reason: reason))
      }
    }
    return nil
  }

  private func clone(_ range: ByteRange, _ source: Int32, _ target: Int32) -> Int64 {
    calls.cloneRange(source, target, range.lowerBound, range.length)
  }

  private func copyAll(_ range: ByteRange, _ source: Int32, _ target: Int32) -> Int64 {
    var at = range.lowerBound
    while at < range.upperBound {
      let result = calls.copyRange(source, target, at, range.upperBound - at)
      if result == -Int64(EINTR) { continue }
      guard result > 0 else { return result == 0 ? -Int64(EIO) : result }
      at += result
    }
    return 0
  }

  private func skip(_ strategies: [CopyReport.Strategy], _ reason: String) {
    state.withLock { $0.skipped += strategies.map { .init(strategy: $0, reason: reason) } }
  }
}
