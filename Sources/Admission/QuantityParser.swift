/// Why a text is not a quantity.
package struct QuantityError: Error, Sendable, Equatable {
  package enum Code: String, Sendable { case empty, number, suffix, tooLarge }
  package let code: Code
  package let message: String
}

extension Quantity {
  package init(_ text: String) throws(QuantityError) {
    var parser = QuantityParser(rest: Array(text.utf8)[...])
    self = try parser.parse()
  }
}

/// Reads one quantity from left to right. Digits are kept as digits until the suffix is known, so nothing is
/// lost.
private struct QuantityParser {
  /// Decimal digits that fit 128 bits of billionths with room to spare: 10^38 < 2^127.
  static let maxDigits = 38

  var rest: ArraySlice<UInt8>
  var digits: [UInt8] = []
  /// How many of `digits` stand behind the decimal point. Negative: zeros to append.
  var places = 0

  mutating func parse() throws(QuantityError) -> Quantity {
    guard !rest.isEmpty else {
      throw QuantityError(code: .empty, message: "is empty; write an amount such as 10Gi")
    }
    let isNegative = takeSign()
    try takeNumber()
    let format = try takeSuffix()
    let nano = try billionths()
    let capped = format == .binary ? min(nano, Quantity.maxNano) : nano
    return Quantity(nano: capped, isNegative: isNegative, format: format)
  }

  private mutating func takeSign() -> Bool {
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    return isNegative
  }

  private mutating func takeNumber() throws(QuantityError) {
    var seen = takeDigits()
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      places = takeDigits()
      seen += places
    }
    guard seen > 0 else {
      throw QuantityError(
        code: .number, message: "does not start with a number; write an amount such as 10Gi")
    }
  }

  private mutating func takeDigits() -> Int {
    let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    digits += run.map { $0 - UInt8(ascii: "0") }
    rest = rest.dropFirst(run.count)
    return run.count
  }

  private mutating func takeSuffix() throws(QuantityError) -> Quantity.Format {
    if let power = Quantity.binaryPower(of: rest) {
      for _ in 0..<power { multiplyBy1024() }
      return .binary
    }
    if let exponent = Quantity.decimalExponent(of: rest) {
      places -= exponent
      return .decimal
    }
    let digits = String(decoding: rest.dropFirst(), as: UTF8.self)
    guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E"), let exponent = Int32(digits)
    else {
      let known = "Ki Mi Gi Ti Pi Ei, n u m k M G T P E, or an exponent such as e6"
      throw QuantityError(code: .suffix, message: "has a suffix that is none of \(known)")
    }
    places -= Int(exponent)
    return .exponent
  }

  private mutating func multiplyBy1024() {
    var carry = 0
    for index in digits.indices.reversed() {
      let product = Int(digits[index]) * 1024 + carry
      digits[index] = UInt8(product % 10)
      carry = product / 10
    }
    while carry > 0 {
      digits.insert(UInt8(carry % 10), at: 0)
      carry /= 10
    }
  }

  /// The number in billionths, what is finer rounded up.
  private func billionths() throws(QuantityError) -> UInt128 {
    let significant = digits.drop { $0 == 0 }
    guard !significant.isEmpty else { return 0 }
    let shift = 9 - places
    guard significant.count + shift <= QuantityParser.maxDigits else {
      throw QuantityError(code: .tooLarge, message: "is larger than any disk; write at most 8Ei")
    }
    let kept = shift >= 0 ? significant : significant.dropLast(-shift)
    let lost = significant.dropFirst(kept.count)
    var number = kept.reduce(UInt128(0)) { $0 * 10 + UInt128($1) }
    if shift > 0 { for _ in 0..<shift { number *= 10 } }
    return lost.contains { $0 != 0 } ? number + 1 : number
  }
}
