/// Text from elsewhere as one line that steers no terminal and fits where it goes.
enum PlainText {
  /// Control characters, line separators and marks that turn the direction of text become spaces; the ends
  /// are trimmed; what is over `limit` bytes of UTF-8 is cut between characters and marked with `…`.
  static func line(_ text: String, limit: Int) -> String {
    var result = ""
    for scalar in text.unicodeScalars { result.unicodeScalars.append(isHarmless(scalar) ? scalar : " ") }
    while result.first == " " { result.removeFirst() }
    while result.last == " " { result.removeLast() }
    guard result.utf8.count > limit else { return result }
    let mark = "…"
    while result.utf8.count + mark.utf8.count > limit, !result.isEmpty { result.removeLast() }
    return result + mark
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: false
    default: true
    }
  }
}
