/// Names as the exposition format allows them: `[a-zA-Z_:][a-zA-Z0-9_:]*`, labels without the colon. Other
/// characters become `_`.
enum MetricName {
  static func metric(_ name: String) -> String { clean(name, colon: true) }

  /// `le` belongs to histograms and names that start with `__` to Prometheus itself; both get a prefix.
  static func label(_ name: String) -> String {
    let cleaned = clean(name, colon: false)
    return cleaned == "le" || cleaned.hasPrefix("__") ? "label_" + cleaned : cleaned
  }

  private static func clean(_ name: String, colon: Bool) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        bytes.append(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
        bytes.append(byte)
      case UInt8(ascii: ":") where colon: bytes.append(byte)
      default: bytes.append(UInt8(ascii: "_"))
      }
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }
}
