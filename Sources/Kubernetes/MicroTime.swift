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
    let days = Self.days(year, month, day)
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - offset
    microseconds = seconds * 1_000_000 + Int64(fraction)
  }

  package var description: String { text(digits: 6) }
  /// With whole seconds, as `metav1.Time` is written.
  package var seconds: String { text(digits: 0) }

  package static func < (a: MicroTime, b: MicroTime) -> Bool { a.microseconds < b.microseconds }

  private func text(digits: Int) -> String {
    let (second, micro) = Self.floorDivide(microseconds, 1_000_000)
    let (day, inDay) = Self.floorDivide(second, 86_400)
    let (year, month, dayOfMonth) = Self.civil(Int(day))
    func padded(_ value: Int, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    let time =
      "\(padded(Int(inDay) / 3600, 2)):\(padded(Int(inDay) / 60 % 60, 2)):\(padded(Int(inDay) % 60, 2))"
    return "\(date)T\(time)\(digits == 0 ? "" : "." + padded(Int(micro), digits))Z"
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

  /// Days since 1970-01-01 in the Gregorian calendar, counted from 1 March so that the leap day is the last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(shifted, 400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func floorDivide<Number: BinaryInteger>(_ value: Number, _ by: Number) -> (Number, Number) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
  }
}
