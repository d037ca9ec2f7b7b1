/// Text that is equal only byte for byte, as Kubernetes compares names.
///
/// `String` compares by canonical equivalence: "é" written in one or in two code points would be the same
/// user. A grant to one must not reach the other, so no name of the policy is ever compared as a `String`.
struct ExactText: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
  let text: String

  init(_ text: String) { self.text = text }
  init(stringLiteral text: String) { self.text = text }

  var isEmpty: Bool { text.utf8.isEmpty }

  static func == (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  static func < (a: ExactText, b: ExactText) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(UInt8.max)  // never a byte of UTF-8: keeps ("ab", "c") and ("a", "bc") apart
  }
}
