/// A number's value, exactly, whatever the way it was written: `1`, `1.0` and `10e-1` are one number.
struct JSONNumber: Hashable {
  private let isNegative: Bool
  /// Without zeroes at either end; empty for zero.
  private let digits: [UInt8]
  /// The value is 0.digits times ten to this power; 0 for zero.
  private let exponent: Int

  /// nil when `text` is not a JSON number, or its exponent does not fit.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard Self.isValid(bytes) else { return nil }
    let mantissaEnd = bytes.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? bytes.count
    guard let power = Self.power(bytes[mantissaEnd...]) else { return nil }
    let mantissa = bytes[..<mantissaEnd].drop { $0 == UInt8(ascii: "-") }
    let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
    let all = whole + mantissa.dropFirst(whole.count + 1)
    let significant = all.drop { $0 == UInt8(ascii: "0") }
    let lastDigit = significant.lastIndex { $0 != UInt8(ascii: "0") }
    digits = lastDigit.map { Array(significant[...$0]) } ?? []
    exponent = digits.isEmpty ? 0 : power + whole.count - (all.count - significant.count)
    isNegative = !digits.isEmpty && bytes[0] == UInt8(ascii: "-")
  }

  /// Whether the text follows the grammar of RFC 8259 section 6.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else {
      return false
    }
    var scanner = JSONScanner(limits: .own)
    do { try scanner.number(bytes.span) } catch { return false }
    return scanner.at == bytes.count
  }

  /// Bounded, so that adding to it cannot overflow.
  private static func power(_ part: ArraySlice<UInt8>) -> Int? {
    guard !part.isEmpty else { return 0 }
    guard let value = Int(String(decoding: part.dropFirst(), as: UTF8.self)), abs(value) < 1 << 40 else {
      return nil
    }
    return value
  }
}
