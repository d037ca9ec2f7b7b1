/// An amount as Kubernetes writes it: `10Gi`, `1.5G`, `12e6`, `500m`. Never a floating-point number inside.
///
/// Grammar and rounding: `k8s.io/apimachinery/pkg/api/resource`. `<signedNumber><suffix>`, where the suffix
/// is binary (Ki … Ei), decimal (n u m "" k M G T P E) or an exponent (`e3`, `E-2`). What is finer than one
/// billionth is rounded away from zero; a binary amount over 2^63-1 becomes 2^63-1. Two quantities are equal
/// when their values are.
package struct Quantity: Sendable {
  enum Format: Sendable { case binary, decimal, exponent }

  /// Billionths, without the sign.
  let nano: UInt128
  let isNegative: Bool
  let format: Format

  static let billion: UInt128 = 1_000_000_000
  static let maxNano = UInt128(Int64.max) * billion

  init(nano: UInt128, isNegative: Bool, format: Format) {
    self.nano = nano
    self.isNegative = isNegative && nano > 0
    self.format = format
  }

  /// An exact number of bytes, written with binary suffixes.
  package init(bytes: Int64) {
    self.init(nano: UInt128(bytes.magnitude) * Quantity.billion, isNegative: bytes < 0, format: .binary)
  }

  /// The value as whole bytes, rounded away from zero, as Kubernetes' `Value()`. Amounts beyond 64 bits
  /// become the largest.
  package var value: Int64 {
    let whole = (nano / Quantity.billion) + (nano % Quantity.billion == 0 ? 0 : 1)
    let bounded = Int64(clamping: whole)
    return isNegative ? -bounded : bounded
  }

  package var isPositive: Bool { nano > 0 && !isNegative }
}

extension Quantity: Comparable, Hashable {
  package static func == (a: Quantity, b: Quantity) -> Bool {
    a.nano == b.nano && a.isNegative == b.isNegative
  }

  package static func < (a: Quantity, b: Quantity) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    return a.isNegative ? a.nano > b.nano : a.nano < b.nano
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(nano)
    hasher.combine(isNegative)
  }
}
