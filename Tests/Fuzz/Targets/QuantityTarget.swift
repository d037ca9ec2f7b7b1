import Admission
import Foundation
import Fuzzing

extension FuzzTarget {
  /// The canonical text is the same amount, and canonical; the order and the value agree with floating point
  /// as far as that goes.
  static let quantity = FuzzTarget(
    name: "quantity",
    words: [
      "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E", "e", "e-", "E+", ".",
      "-", "+", "e9", "00",
    ]
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let quantity: Quantity
    do throws(QuantityError) { quantity = try Quantity(text) } catch { return "\(error.code)" }
    let canonical = quantity.description
    guard let again = try? Quantity(canonical) else {
      throw BrokenRule("\(text) became \(canonical), which is refused")
    }
    try BrokenRule.check(again == quantity, "\(text) became \(canonical), which is another amount")
    try BrokenRule.check(again.description == canonical, "\(canonical) is written \(again) the second time")
    try BrokenRule.check(again.value == quantity.value, "\(text) and \(canonical) have different values")
    try BrokenRule.check(!(quantity < again) && !(again < quantity), "\(text) is not itself")
    if let expected = approximation(text) { try agrees(text, quantity.value, expected) }
    return "\(canonical.filter { !$0.isNumber }) \(canonical.count)"
  }

  /// Rounded away from zero to whole bytes, bounded by 64 bits.
  private static func agrees(_ text: String, _ value: Int64, _ expected: Double) throws {
    let rounded = expected.rounded(.awayFromZero)
    let close = abs(Double(value) - rounded) <= max(1, abs(rounded) * 1e-12)
    let bounded = abs(rounded) >= 9.2e18 && abs(Double(value)) >= 9.2e18
    try BrokenRule.check(close || bounded, "\(text) is \(value) bytes, not about \(expected)")
  }

  /// What the text means, by way of Double; nil where that says too little.
  private static func approximation(_ text: String) -> Double? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || "+-.".contains($0)) }
    let factors: [String: Double] = [
      "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
      "Ki": 1024, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
    ]
    let padded = number.replacing(/^([+-]?)\./, with: { "\($0.1)0." }) + (number.hasSuffix(".") ? "0" : "")
    guard let value = Double(padded), let factor = factors[String(text.dropFirst(number.count))] else {
      return nil
    }
    return value * factor
  }
}
