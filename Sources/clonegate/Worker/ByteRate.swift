import Admission

/// A bandwidth on the command line: `200MiB/s`, `200Mi`, `1.5G`, `800k`; `0` or `off` for no limit.
struct ByteRate: ExplainedArgument, CustomStringConvertible, Sendable, Hashable {
  /// nil for no limit.
  let bytesPerSecond: Int64?

  static let expected = "bytes in a second, such as 200MiB/s or 1.5G, or off"

  /// Help texts print defaults so.
  var description: String { bytesPerSecond.map { "\($0)B/s" } ?? "off" }

  init?(argument: String) {
    var text = Substring(argument)
    if text == "off" || text == "0" {
      bytesPerSecond = nil
      return
    }
    for suffix in ["/s", "B"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    if text.hasSuffix("K") { text = text.dropLast() + "k" }
    guard let quantity = try? Quantity(String(text)), quantity.isPositive else { return nil }
    bytesPerSecond = quantity.value
  }
}
