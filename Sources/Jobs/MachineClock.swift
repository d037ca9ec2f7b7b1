import Foundation
import Glibc

/// The two clocks of the room.
enum MachineClock {
  /// Milliseconds since 1970: for records that people read, and for retries that outlive a reboot.
  static func now() -> Int64 { read(CLOCK_REALTIME) }

  /// Milliseconds since the machine started, sleep included; the same for all processes, and no one can set
  /// it.
  static func uptimeMilliseconds() -> Int64 { read(CLOCK_BOOTTIME) }

  /// Differs for each start of the machine; uptimes compare only within one.
  static let boot: String =
    (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "unknown"

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
