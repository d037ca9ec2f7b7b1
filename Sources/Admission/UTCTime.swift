/// A moment as Kubernetes writes it in `metav1.Time`: RFC 3339 with whole seconds, `2026-11-23T06:40:01Z`.
/// By hand, since the C library's calendar wants pointers, and judgement does nothing that is unsafe.
package struct UTCTime: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Since 1970-01-01T00:00:00Z.
  package let seconds: Int64

  package init(seconds: Int64) { self.seconds = seconds }

  package static func < (a: UTCTime, b: UTCTime) -> Bool { a.seconds < b.seconds }

  /// Reads RFC 3339 in UTC (`Z`), as API servers write it; a fraction of a second is dropped. Nil when it is
  /// no such time.
  package init?(_ text: String) {
    let bytes = Array(text.utf8.prefix(UTCTime.longest + 1))
    guard (20...UTCTime.longest).contains(bytes.count), bytes.last == UInt8(ascii: "Z") else { return nil }
    let marks: [(Int, UInt8)] = [
      (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
      (16, UInt8(ascii: ":")),
    ]
    guard marks.allSatisfy({ bytes[$0.0] == $0.1 }) else { return nil }
    let fraction = bytes[19..<bytes.count - 1]
    guard fraction.isEmpty || fraction.count > 1 && fraction.first == UInt8(ascii: "."),
      fraction.dropFirst().allSatisfy({ UTCTime.digit($0) != nil })
    else { return nil }
    guard let year = UTCTime.number(bytes[0..<4]), let month = UTCTime.number(bytes[5..<7]),
      let day = UTCTime.number(bytes[8..<10]), let hour = UTCTime.number(bytes[11..<13]),
      let minute = UTCTime.number(bytes[14..<16]), let second = UTCTime.number(bytes[17..<19]),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    seconds = UTCTime.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  package var description: String {
    let (day, second) = UTCTime.divide(seconds, 86_400)
    let (year, month, dayOfMonth) = UTCTime.date(day)
    func padded(_ value: Int64, _ width: Int = 2) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(padded(year, 4))-\(padded(month))-\(padded(dayOfMonth))"
      + "T\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))Z"
  }

  /// Characters of the longest text that is read: nanoseconds.
  private static let longest = 30

  private static func digit(_ byte: UInt8) -> Int64? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for byte in bytes {
      guard let digit = digit(byte) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// Days since 1970-01-01 in the Gregorian calendar. Counted from 1 March of year 0, so that the leap day is
  /// the last of its year, in eras of 400 years.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let (era, yearOfEra) = divide(month <= 2 ? year - 1 : year, 400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = divide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func divide(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
  }
}
