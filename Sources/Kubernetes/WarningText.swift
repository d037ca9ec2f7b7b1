/// A Warning field of an answer (RFC 7234 section 5.5): `299 - "text"`.
enum WarningText {
  /// The API server cuts all warnings of an answer to 4 KiB together.
  private static let limit = 1024

  static func text(of field: String) -> String {
    guard let open = field.firstIndex(of: "\""), let close = field.lastIndex(of: "\""), open < close else {
      return PlainText.line(field, limit: limit)
    }
    var text = "", isEscaped = false
    for character in field[field.index(after: open)..<close] {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      text.append(character)
      isEscaped = false
    }
    return PlainText.line(text, limit: limit)
  }
}
