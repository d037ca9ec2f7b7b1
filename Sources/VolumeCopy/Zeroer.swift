internal import CLinux
private import Glibc
private import Synchronization

/// Makes ranges of the target read as zero, by the cheapest way that works. A way that fails is left alone
/// for the range at hand and tried again later: some devices punch for a while, refuse, and recover.
final class Zeroer: Sendable {
  /// After a refusal a way is not asked for this many ranges: a device without it is not asked millions of
  /// times.
  private static let restRanges = 16
  /// Zeroing ahead goes in stretches, so that a slow device can be cancelled.
  private static let stretch: Int64 = 1 << 30
  /// What one call is asked to zero later; what it asks the kernel to write.
  private static let piece: Int64 = 64 << 20
  private static let writtenPiece: Int64 = 4 << 20
  /// Ranges kept for the second try at the end; more than that says that punching does not work here.
  private static let mostRetries = 1024

  private struct State {
    /// How many more ranges a way rests.
    var resting: [DiskCalls.ZeroMethod: Int] = [:]
    /// Written as zeroes because the range could not be punched.
    var retries: [ByteRange] = []
    var refused: Int32?
  }

  /// Asked before each piece, and told the bytes that were or will be written: waits for the bandwidth they
  /// need, and throws once the copy is to end.
  typealias Admission = (Int64) throws(CopyError) -> Void

  private let target: Volume
  private let calls: DiskCalls
  private let methods: [DiskCalls.ZeroMethod]
  private let state = Mutex(State())

  init(_ target: Volume, preallocation: Preallocation, calls: DiskCalls) {
    self.target = target
    self.calls = calls
    switch (preallocation, target.isBlock) {
    case (.off, false): methods = [.punch]
    case (.off, true): methods = [.punch, .blockZero]
    case (.unwritten, false): methods = [.zeroRange]
    case (.unwritten, true):
      let device = BlockDevice(number: target.identity.represents)
      methods = device.zeroesByItself ? [.zeroRange, .blockZero] : [.blockZero]
    case (.full, _): methods = []
    }
  }

  /// Zeroes without falling back to writing; the result is what still may hold old bytes.
  func prepare(_ ranges: [ByteRange], isStopped: () -> Bool) -> [ByteRange] {
    guard let method = methods.first, method != .blockZero else { return ranges }
    var left: [ByteRange] = []
    for stretch in ranges.lazy.flatMap({ $0.pieces(of: Self.stretch) }) {
      let inner = aligned(stretch)
      if isStopped() || inner.isEmpty
        || calls.zero(method, target.descriptor.number, inner.lowerBound, inner.length) != 0
      {
        left.append(stretch)
      } else {
        left += stretch.without([inner])
      }
    }
    return ByteRange.joined(left)
  }

  /// Zeroes the range, by writing if all else fails.
  func zero(_ range: ByteRange, admit: Admission) throws(CopyError) {
    let inner = aligned(range)
    for edge in range.without([inner]) { try write(edge, admit) }
    for piece in inner.pieces(of: Self.piece) { try zero(piece: piece, admit) }
  }

  private func zero(piece: ByteRange, _ admit: Admission) throws(CopyError) {
    for method in methods where isReady(method) {
      let result = try ask(method, piece, admit)
      if result == 0 { return }
      if result == -Int64(EIO) || result == -Int64(ENXIO) || result == -Int64(ENODEV) {
        throw SystemFault.error(
          "zero", .target, target.name, call: method.call, result: result, offset: piece.lowerBound)
      }
      rest(method, Int32(-result))
    }
    try write(piece, admit)
    if methods.first == .punch { remember(piece) }
  }

  private func ask(
    _ method: DiskCalls.ZeroMethod, _ piece: ByteRange, _ admit: Admission
  ) throws(CopyError) -> DiskCalls.Result {
    // A device that does not zero by itself refuses the other ways: by this one the kernel writes.
    let isWritten = method == .blockZero
    for part in piece.pieces(of: isWritten ? Self.writtenPiece : Self.piece) {
      try admit(0)
      let result = calls.zero(method, target.descriptor.number, part.lowerBound, part.length)
      guard result == 0 else { return result }
      if isWritten { try admit(part.length) }
    }
    return 0
  }

  /// The second try for what could not be punched; the note says what stayed written.
  func retry() -> String? {
    let (ranges, refused) = state.withLock { ($0.retries, $0.refused) }
    let left = ranges.filter {
      calls.zero(.punch, target.descriptor.number, $0.lowerBound, $0.length) != 0
    }
    guard let refused, !left.isEmpty else { return nil }
    let bytes = left.reduce(0) { $0 + $1.length }
    return
      "\(bytes) zero bytes in \(left.count) ranges had to be written, because the target could not punch them"
      + " (\(SystemFault.name(refused)))"
  }

  /// A block device zeroes whole logical blocks only.
  private func aligned(_ range: ByteRange) -> ByteRange {
    guard target.isBlock else { return range }
    let unit = target.alignment
    let start = (range.lowerBound + unit - 1) / unit * unit
    let end = range.upperBound / unit * unit
    return start < end ? start..<end : range.upperBound..<range.upperBound
  }

  private func isReady(_ method: DiskCalls.ZeroMethod) -> Bool {
    state.withLock { state in
      guard let left = state.resting[method], left > 0 else { return true }
      state.resting[method] = left - 1
      return false
    }
  }

  private func rest(_ method: DiskCalls.ZeroMethod, _ number: Int32) {
    state.withLock {
      $0.resting[method] = Self.restRanges
      if method == .punch { $0.refused = number }
    }
  }

  /// Neighbours become one, up to a stretch.
  private func remember(_ range: ByteRange) {
    state.withLock { state in
      let last = state.retries.lastIndex { $0.upperBound == range.lowerBound && $0.length < Self.stretch }
      if let last {
        state.retries[last] = state.retries[last].lowerBound..<range.upperBound
      } else if state.retries.count < Self.mostRetries {
        state.retries.append(range)
      }
    }
  }

  private func write(_ range: ByteRange, _ admit: Admission) throws(CopyError) {
    for piece in range.pieces(of: Int64(Zeroes.bytes.count)) {
      try admit(piece.length)
      try target.write(Zeroes.bytes.baseAddress!, Int(piece.length), at: piece.lowerBound, calls)
    }
  }
}

extension DiskCalls.ZeroMethod {
  /// The system call's name, for messages.
  var call: String { self == .blockZero ? "ioctl BLKZEROOUT" : "fallocate" }
}
