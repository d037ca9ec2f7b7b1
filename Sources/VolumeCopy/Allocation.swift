internal import CLinux

/// Measures how the target's blocks stand.
enum Allocation {
  static func measure(_ target: Volume, requested: Preallocation) -> CopyReport.Allocation {
    var allocation = CopyReport.Allocation()
    allocation.requested = requested
    // A device says nothing of its blocks; in full means that every byte of it was written.
    if target.isBlock && requested == .full { allocation.achieved = .full }
    guard !target.isBlock, let facts = target.descriptor.identity() else { return allocation }
    var allocated: UInt64 = 0
    var unwritten: UInt64 = 0
    let isMapped = clinux_extent_sums(target.descriptor.number, &allocated, &unwritten) == 0
    allocation.allocatedBytes = Int64(facts.allocated)
    allocation.unwrittenBytes = isMapped ? Int64(unwritten) : 0
    let isWhole = facts.allocated >= facts.size
    allocation.achieved = !isWhole ? .off : unwritten > 0 ? .unwritten : .full
    // No block stands in any way: whatever was asked for is true of an empty file.
    if facts.size == 0 { allocation.achieved = requested }
    return allocation
  }

  /// A line for the report where less came out than was asked for.
  static func note(_ allocation: CopyReport.Allocation) -> String? {
    guard let achieved = allocation.achieved, allocation.requested != .off else { return nil }
    guard achieved == .off || (allocation.requested == .full && achieved == .unwritten) else { return nil }
    return "preallocation \(allocation.requested.rawValue) was asked for, \(achieved.rawValue) was achieved:"
      + " \(allocation.allocatedBytes) bytes are allocated, \(allocation.unwrittenBytes) of them unwritten"
  }
}
