internal import Glibc

/// The value of the Date field, made once a second (RFC 9110 section 5.6.7).
struct HTTPDate {
  private var second: time_t = -1
  private var bytes: [UInt8] = []

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  mutating func current() -> [UInt8] {
    let now = time(nil)
    if now != second {
      second = now
      bytes = Self.format(now)
    }
    return bytes
  }

  static func format(_ seconds: time_t) -> [UInt8] {
    var (seconds, calendar) = (seconds, tm())
    gmtime_r(&seconds, &calendar)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(days[Int(calendar.tm_wday)]), \(two(calendar.tm_mday)) \(months[Int(calendar.tm_mon)])"
    let clock = "\(two(calendar.tm_hour)):\(two(calendar.tm_min)):\(two(calendar.tm_sec))"
    return Array("\(day) \(calendar.tm_year + 1900) \(clock) GMT".utf8)
  }
}
