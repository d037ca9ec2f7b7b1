/// Bytes on their way out: appended at one end, taken at the other, in one piece of memory.
struct OutputBuffer {
  private var bytes: [UInt8] = []
  private var taken = 0
  /// An idle connection keeps no more than this, so that ten thousand of them stay small.
  private static let keptCapacity = 8 * 1024

  var count: Int { bytes.count - taken }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    // The sent part is moved away when it is the larger one, so that each byte moves at most once on
    // average.
    if taken > bytes.count / 2, taken > Self.keptCapacity {
      bytes.removeSubrange(..<taken)
      taken = 0
    }
    bytes.append(contentsOf: more)
  }

  func withUnsent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[taken...])) }
  }

  mutating func drop(_ count: Int) { taken += count }

  mutating func reset() {
    taken = 0
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
  }
}

extension Duration {
  /// Whole nanoseconds, saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max / 2) : product &+ attoseconds / 1_000_000_000
  }
}
