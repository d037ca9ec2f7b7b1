/// Numbers as go-yaml v2 reads them and Go's JSON encoder writes them.
enum YAMLNumber {
  /// The JSON text of a plain scalar that is a number; nil when it is a string.
  static func text(of plain: String) -> String? {
    guard let first = plain.utf8.first else { return nil }
    let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= first
    if first == UInt8(ascii: ".") { return float(plain) }
    guard isDigit || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return nil }
    return integer(plain) ?? float(plain.filter { $0 != "_" })
  }

  /// Decimal text of an integer in Go's notation: a sign, then 0x, 0o, 0b, a leading 0 for octal, or decimal;
  /// underscores are ignored. Nil when it does not fit in 64 bits.
  static func integer(_ written: String) -> String? {
    let digits = written.filter { $0 != "_" }
    let isNegative = digits.hasPrefix("-")
    let isSigned = isNegative || digits.hasPrefix("+")
    let (radix, body) = radix(of: digits.dropFirst(isSigned ? 1 : 0))
    guard let first = body.first, first != "+", first != "-" else { return nil }
    if let value = Int64((isNegative ? "-" : "") + body, radix: radix) { return String(value) }
    return isSigned ? nil : UInt64(body, radix: radix).map { String($0) }
  }

  private static func radix(of digits: Substring) -> (Int, Substring) {
    guard digits.count > 1, digits.hasPrefix("0") else { return (10, digits) }
    switch digits.dropFirst().first {
    case "x", "X": return (16, digits.dropFirst(2))
    case "o", "O": return (8, digits.dropFirst(2))
    case "b", "B": return (2, digits.dropFirst(2))
    default: return (8, digits.dropFirst())
    }
  }

  private static func float(_ text: String) -> String? {
    guard isFloat(text), let value = Double(text), value.isFinite else { return nil }
    return layout(value)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` and nothing else.
  private static func isFloat(_ text: String) -> Bool {
    var rest = Substring(text)
    if let sign = rest.first, sign == "-" || sign == "+" { rest = rest.dropFirst() }
    let whole = takeDigits(&rest)
    var fraction = 0
    if rest.first == "." {
      rest = rest.dropFirst()
      fraction = takeDigits(&rest)
    }
    guard whole > 0 || fraction > 0 else { return false }
    guard let exponent = rest.first else { return true }
    guard exponent == "e" || exponent == "E" else { return false }
    rest = rest.dropFirst()
    if let sign = rest.first, sign == "-" || sign == "+" { rest = rest.dropFirst() }
    return takeDigits(&rest) > 0 && rest.isEmpty
  }

  private static func takeDigits(_ rest: inout Substring) -> Int {
    let digits = rest.prefix { "0"..."9" ~= $0 && $0.isASCII }
    rest = rest.dropFirst(digits.count)
    return digits.count
  }

  /// Go's encoding/json: positional between 1e-6 and 1e21, otherwise an exponent.
  private static func layout(_ value: Double) -> String {
    let magnitude = abs(value)
    if value == value.rounded(.towardZero), magnitude < 0x1p63 { return String(Int64(value)) }
    let written = value.description
    guard magnitude >= 1e-6, magnitude < 1e21, let mark = written.firstIndex(of: "e") else { return written }
    let power = Int(written[written.index(after: mark)...]) ?? 0
    return positional(mantissa: written[..<mark], power: power)
  }

  private static func positional(mantissa: Substring, power: Int) -> String {
    let sign = mantissa.hasPrefix("-") ? "-" : ""
    let parts = mantissa.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(parts[0])
    let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
    if power < 0 { return sign + "0." + String(repeating: "0", count: -power - 1) + whole + fraction }
    return sign + whole + fraction + String(repeating: "0", count: power - fraction.count)
  }
}
