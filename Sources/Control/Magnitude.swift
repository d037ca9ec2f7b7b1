/// Numbers for people.
package enum Magnitude {
  /// `0B`, `512B`, `1.50MiB`, `20.0GiB`: three digits, powers of 1024.
  package static func bytes(_ count: Int64) -> String {
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(count)B" }
    return decimal(value, digits: value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + units[unit]
  }

  /// `7s`, `3m12s`, `5h2m`, `3d4h`: the two largest parts, as kubectl writes an age.
  package static func duration(_ seconds: Int64) -> String {
    let seconds = max(0, seconds)
    let parts = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(String, Int64)]
    guard let first = parts.firstIndex(where: { seconds >= $0.1 }) else { return "0s" }
    let (unit, size) = parts[first]
    let rest = seconds % size
    guard first + 1 < parts.count, rest >= parts[first + 1].1 else { return "\(seconds / size)\(unit)" }
    return "\(seconds / size)\(unit)\(rest / parts[first + 1].1)\(parts[first + 1].0)"
  }

  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  private static func decimal(_ value: Double, digits: Int) -> String {
    let scale: Double = digits == 2 ? 100 : digits == 1 ? 10 : 1
    let scaled = Int64((value * scale).rounded())
    guard digits > 0 else { return String(scaled) }
    let fraction = String(scaled % Int64(scale))
    return "\(scaled / Int64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
