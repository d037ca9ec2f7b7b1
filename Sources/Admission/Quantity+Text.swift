/// Suffixes, and the canonical text: no fraction, no digit lost, the largest suffix that fits.
extension Quantity: CustomStringConvertible {
  private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
  private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]

  /// How often 1024 is taken: 1 for Ki … 6 for Ei. Nil for another suffix; the empty one is decimal.
  /// Compared byte for byte: to `String` the Kelvin sign is a K.
  static func binaryPower(of suffix: ArraySlice<UInt8>) -> Int? {
    suffix.isEmpty ? nil : binarySuffixes.firstIndex { $0.utf8.elementsEqual(suffix) }
  }

  /// The power of ten: -9 for n … 18 for E. Nil for another suffix.
  static func decimalExponent(of suffix: ArraySlice<UInt8>) -> Int? {
    decimalSuffixes.firstIndex { $0.utf8.elementsEqual(suffix) }.map { ($0 - 3) * 3 }
  }

  /// The canonical text: `1.5Gi` is `1536Mi`, `1500m` stays, `2147483648` stays (its suffix was decimal).
  package var description: String {
    guard nano > 0 else { return "0" }
    let sign = isNegative ? "-" : ""
    let isWhole = nano % Quantity.billion == 0
    if format == .binary, isWhole, nano >= 1024 * Quantity.billion { return sign + binaryText }
    return sign + decimalText
  }

  private var binaryText: String {
    var number = nano / Quantity.billion
    var power = 0
    while number % 1024 == 0, power < Quantity.binarySuffixes.count - 1 {
      number /= 1024
      power += 1
    }
    return "\(number)\(Quantity.binarySuffixes[power])"
  }

  private var decimalText: String {
    var number = nano
    var step = 0
    let largest = format == .exponent ? Int.max : Quantity.decimalSuffixes.count - 1
    while number % 1000 == 0, step < largest {
      number /= 1000
      step += 1
    }
    if format != .exponent { return "\(number)\(Quantity.decimalSuffixes[step])" }
    return step == 3 ? "\(number)" : "\(number)e\((step - 3) * 3)"
  }
}
