import JSON

/// JSON values as YAML in block style, so that what the commands write can be read and edited by people.
/// Text that YAML could take for anything else is quoted.
enum YAMLWriter {
  /// One document, without `---`, ending in a line feed.
  static func text(_ value: JSONValue) -> String {
    switch value {
    case .object(let members) where !members.isEmpty: lines(members, indent: 0)
    case .array(let elements) where !elements.isEmpty: lines(elements, indent: 0)
    default: inline(value) + "\n"
    }
  }

  private static func lines(_ members: JSONObject, indent: Int) -> String {
    members.keys.map { key in
      let name = margin(indent) + scalar(key) + ":"
      switch members[key] ?? .null {
      case .object(let inner) where !inner.isEmpty: return name + "\n" + lines(inner, indent: indent + 2)
      case .array(let inner) where !inner.isEmpty: return name + "\n" + lines(inner, indent: indent)
      case let value: return name + " " + inline(value) + "\n"
      }
    }.joined()
  }

  private static func lines(_ elements: [JSONValue], indent: Int) -> String {
    elements.map { element in
      switch element {
      case .object(let inner) where !inner.isEmpty: item(lines(inner, indent: indent + 2), indent: indent)
      case .array(let inner) where !inner.isEmpty: item(lines(inner, indent: indent + 2), indent: indent)
      default: margin(indent) + "- " + inline(element) + "\n"
      }
    }.joined()
  }

  /// A block that was laid out two columns deeper, with its first line's margin ending in a dash.
  private static func item(_ block: String, indent: Int) -> String {
    margin(indent) + "- " + block.dropFirst(indent + 2)
  }

  private static func inline(_ value: JSONValue) -> String {
    switch value {
    case .object: "{}"
    case .array: "[]"
    case .string(let text): scalar(text)
    case .null, .bool, .number: String(decoding: value.bytes, as: UTF8.self)
    }
  }

  /// Plain if it is plain ASCII, begins with a letter, digit or slash, and YAML reads it back as this very
  /// text.
  private static func scalar(_ text: String) -> String {
    let isSimple =
      text.utf8.allSatisfy { plain.contains($0) } && text.utf8.first.map { initial.contains($0) } == true
    let readBack = YAMLScalar(text: text, tag: nil, isPlain: true).value
    let isSafe = isSimple && readBack == .string(text) && !text.hasSuffix(":")
    return isSafe ? text : String(decoding: JSONValue.string(text).bytes, as: UTF8.self)
  }

  private static let initial = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/".utf8)
  private static let plain = initial.union("._-:".utf8)

  private static func margin(_ indent: Int) -> String { String(repeating: " ", count: indent) }
}
