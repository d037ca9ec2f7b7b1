internal import CLinux

/// The system calls that move or remove bytes, as a table: the real ones by default; tests put faults and
/// recorders in their place. Results are counts or 0, or the negated error number. One indirect call per
/// 256 KiB costs nothing.
package struct DiskCalls: Sendable {
  package typealias Result = Int64

  /// Ways to make a range read as zero without sending the zeroes.
  package enum ZeroMethod: String, Sendable, CaseIterable {
    /// Released: the range takes no space.
    case punch
    /// Kept reserved.
    case zeroRange
    /// A block device zeroes by itself, or the kernel writes for us.
    case blockZero
  }

  package var read: @Sendable (CopySide, Int32, UnsafeMutableRawPointer, Int, Int64) -> Result
  package var write: @Sendable (Int32, UnsafeRawPointer, Int, Int64) -> Result
  package var zero: @Sendable (ZeroMethod, Int32, Int64, Int64) -> Result
  /// Reserves blocks (`fallocate`): descriptor, offset, length.
  package var reserve: @Sendable (Int32, Int64, Int64) -> Result
  package var resize: @Sendable (Int32, Int64) -> Result
  /// Source, target.
  package var cloneFile: @Sendable (Int32, Int32) -> Result
  /// Source, target, offset, length.
  package var cloneRange: @Sendable (Int32, Int32, Int64, Int64) -> Result
  package var copyRange: @Sendable (Int32, Int32, Int64, Int64) -> Result
  package var flush: @Sendable (Int32) -> Result
  package var startWriteback: @Sendable (Int32, Int64, Int64) -> Result
  package var waitWriteback: @Sendable (Int32, Int64, Int64) -> Result

  package static let system = DiskCalls(
    read: { _, descriptor, buffer, count, offset in clinux_read(descriptor, buffer, count, offset) },
    write: { clinux_write($0, $1, $2, $3) },
    zero: { method, descriptor, offset, length in
      switch method {
      case .punch: Result(clinux_allocate(descriptor, Int32(CLINUX_PUNCH.rawValue), offset, length))
      case .zeroRange: Result(clinux_allocate(descriptor, Int32(CLINUX_ZERO_RANGE.rawValue), offset, length))
      case .blockZero: Result(clinux_block_zero(descriptor, offset, length))
      }
    },
    reserve: { Result(clinux_allocate($0, Int32(CLINUX_RESERVE.rawValue), $1, $2)) },
    resize: { Result(clinux_truncate($0, $1)) },
    cloneFile: { Result(clinux_clone_file($0, $1)) },
    cloneRange: { Result(clinux_clone_range($0, $1, $2, $3)) },
    copyRange: { clinux_copy_range($0, $1, $2, Int($3)) },
    flush: { Result(clinux_flush($0)) },
    startWriteback: { Result(clinux_writeback_start($0, $1, $2)) },
    waitWriteback: { Result(clinux_writeback_wait($0, $1, $2)) })
}
