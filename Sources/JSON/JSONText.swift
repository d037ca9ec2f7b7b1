/// A string that is equal only to the same scalars. Its hash covers the bytes with the process's random seed,
/// so that no sender can make names collide.
struct JSONText: Hashable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (a: JSONText, b: JSONText) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    // The pointer is used inside the closure only, and the hasher reads no more than its count.
    let utf8 = text.utf8.span
    unsafe utf8.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hasher.combine(text.utf8.count)
  }
}
