internal import Glibc

/// A moment as the API server's MicroTime: RFC 3339 in UTC with exactly six digits of a second,
/// `2026-11-23T06:40:01.000700Z`. The server refuses other numbers of digits (recorded in
/// lease-bad-time.json).
package struct MicroTime: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Since 1970-01-01T00:00:00Z.
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// The wall clock: for what others read. Never compare it with a clock of another machine.
  package static var now: MicroTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return MicroTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Reads RFC 3339 with any number of digits and any zone; nil when it is no time.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3a,
      bytes[16] == 0x3a, let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var at = 19, fraction = 0, scale = 1_000_000
    if bytes[at] == 0x2e {
      at += 1
      while let digit = number(at..<at + 1) {
        scale /= 10
        fraction += digit * scale
        at += 1
      }
    }
    guard at < bytes.count, let offset = Self.zone(bytes[at...]) else { return nil }
    var calendar = tm()
    (calendar.tm_year, calendar.tm_mon, calendar.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
    (calendar.tm_hour, calendar.tm_min, calendar.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
    microseconds = (Int64(timegm(&calendar)) - offset) * 1_000_000 + Int64(fraction)
  }

  package var description: String {
    let fraction = String(microseconds - wholeSeconds * 1_000_000 + 1_000_000).dropFirst()
    return "\(date).\(fraction)Z"
  }
  /// With whole seconds, as `metav1.Time` is written.
  package var seconds: String { date + "Z" }

  package static func < (a: MicroTime, b: MicroTime) -> Bool { a.microseconds < b.microseconds }

  /// Rounded down, also before 1970.
  private var wholeSeconds: Int64 {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return rest < 0 ? seconds - 1 : seconds
  }

  private var date: String {
    var (time, calendar) = (time_t(wholeSeconds), tm())
    gmtime_r(&time, &calendar)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      strftime(text.baseAddress!, text.count, "%04Y-%m-%dT%H:%M:%S", &calendar)
      return String(cString: text.baseAddress!)
    }
  }

  /// Seconds east of UTC.
  private static func zone(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let text = Array(bytes)
    if text.count == 1, text[0] | 0x20 == 0x7a { return 0 }
    guard text.count == 6, text[0] == 0x2b || text[0] == 0x2d, text[3] == 0x3a,
      let hours = Int64(String(decoding: text[1..<3], as: UTF8.self)), (0..<24).contains(hours),
      let minutes = Int64(String(decoding: text[4..<6], as: UTF8.self)), (0..<60).contains(minutes)
    else { return nil }
    return (hours * 3600 + minutes * 60) * (text[0] == 0x2d ? -1 : 1)
  }
}
