internal import Glibc

/// A moment as RFC 3339 in UTC with milliseconds: `2026-11-23T06:40:01.007Z`. By hand, since every line of
/// the log has one, and `gmtime_r` takes a lock of the whole process.
struct Timestamp {
  /// Since 1970-01-01T00:00:00Z.
  let seconds: Int
  let nanoseconds: Int

  init(seconds: Int, nanoseconds: Int) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  func append(to bytes: inout [UInt8]) {
    let (days, second) = Self.floorDivide(seconds, 86_400)
    let (year, month, day) = Self.civil(days)
    Self.append(year, 4, &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(month, 2, &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.append(day, 2, &bytes)
    bytes.append(UInt8(ascii: "T"))
    Self.append(second / 3600, 2, &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(second / 60 % 60, 2, &bytes)
    bytes.append(UInt8(ascii: ":"))
    Self.append(second % 60, 2, &bytes)
    bytes.append(UInt8(ascii: "."))
    Self.append(nanoseconds / 1_000_000, 3, &bytes)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The date of a day since 1970-01-01 in the Gregorian calendar. Counted from 1 March of year 0, so that
  /// the leap day is the last of its year, in eras of 400 years.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func floorDivide(_ value: Int, _ by: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
  }

  private static func append(_ value: Int, _ width: Int, _ bytes: inout [UInt8]) {
    var power = 1
    for _ in 1..<width { power *= 10 }
    while power > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(value / power % 10))
      power /= 10
    }
  }
}
