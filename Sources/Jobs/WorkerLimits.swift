/// How much the worker may do at once. Kept in the journal, read again by a running worker within a second.
package struct WorkerLimits: Sendable, Hashable {
  /// Copies at the same time.
  package var parallel: Int
  /// Bytes a second for all copies together; nil for no limit.
  package var bytesPerSecond: Int64?
  /// Copies at the same time on each device that they read or write; nil for no limit but `parallel`.
  package var parallelPerDevice: Int?
  /// Bytes a second of all copies on one device; nil for no limit but the worker's.
  package var bytesPerSecondPerDevice: Int64?

  /// Two: one copy seldom fills a disk's queue, more of them make each other's reads random (PERFORMANCE.md
  /// 2).
  package static let defaultParallel = 2
  /// More would be more threads than any machine's disks reward; a typing error is likelier.
  package static let mostParallel = 64

  package init(
    parallel: Int = WorkerLimits.defaultParallel, bytesPerSecond: Int64? = nil,
    parallelPerDevice: Int? = nil, bytesPerSecondPerDevice: Int64? = nil
  ) {
    self.parallel = min(max(parallel, 1), Self.mostParallel)
    self.bytesPerSecond = bytesPerSecond.flatMap { $0 > 0 ? $0 : nil }
    self.parallelPerDevice = parallelPerDevice.map { min(max($0, 1), Self.mostParallel) }
    self.bytesPerSecondPerDevice = bytesPerSecondPerDevice.flatMap { $0 > 0 ? $0 : nil }
  }
}
