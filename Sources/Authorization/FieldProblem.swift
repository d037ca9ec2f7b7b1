/// What is wrong with one field, in the words of an API server: the entries of a Status's `details.causes`.
package struct FieldProblem: Sendable, Hashable {
  /// Path to the field, as in `rules[0].verbs`.
  package let field: String
  /// `FieldValueRequired`, `FieldValueInvalid`, `FieldValueNotSupported`, `FieldValueForbidden`, or
  /// `BadRequest` when the value has the wrong JSON type and the object could not be read at all.
  package let reason: String
  package let message: String

  static func required(_ field: String, _ detail: String = "") -> FieldProblem {
    FieldProblem(
      field: field, reason: "FieldValueRequired",
      message: detail.isEmpty ? "Required value" : "Required value: \(detail)")
  }

  /// `value` is JSON text.
  static func invalid(_ field: String, _ value: String, _ detail: String) -> FieldProblem {
    FieldProblem(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(value): \(detail)")
  }

  static func forbidden(_ field: String, _ detail: String) -> FieldProblem {
    FieldProblem(field: field, reason: "FieldValueForbidden", message: "Forbidden: \(detail)")
  }

  static func unsupported(_ field: String, _ value: String, _ supported: [String]) -> FieldProblem {
    let list = supported.map(quoted).joined(separator: ", ")
    return FieldProblem(
      field: field, reason: "FieldValueNotSupported",
      message: "Unsupported value: \(quoted(value)): supported values: \(list)")
  }

  /// The value has another JSON type than the field. `owner` is the type that holds the field.
  static func wrongType(_ field: String, owner: String, got: String, wanted: String) -> FieldProblem {
    var path = ""
    var isIndex = false
    for character in field {
      if character == "[" { isIndex = true }
      if !isIndex { path.append(character) }
      if character == "]" { isIndex = false }
    }
    return FieldProblem(
      field: field, reason: "BadRequest",
      message: "json: cannot unmarshal \(got) into Go struct field \(owner).\(path) of type \(wanted)")
  }

  /// Text in quotes, escaped so that it stays on one line.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
