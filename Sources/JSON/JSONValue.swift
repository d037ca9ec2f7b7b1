/// A JSON value as a tree: what is built, patched and written. Reading a large document that came from
/// outside is the business of `JSONDocument`, which validates once and materialises nothing that is not asked
/// for.
///
/// Rule source: RFC 8259. Numbers keep their text, so that no digit is lost on the way through.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// The number's text, exactly as it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(String(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
}

/// Views: nil when the value is of another kind.
extension JSONValue {
  package var isNull: Bool { self == .null }
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var int: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  package var object: JSONObject? { if case .object(let members) = self { members } else { nil } }

  /// A member of an object: nil when absent or when this is not an object. Setting on null makes an object.
  package subscript(key: String) -> JSONValue? {
    get { object?[key] }
    set {
      var members = object ?? JSONObject()
      self = .null  // let go first, so that the members are changed in place
      members[key] = newValue
      self = .object(members)
    }
  }
}

/// Equal means equal to a reader of the document: strings by their scalars, numbers by value, objects in any
/// order.
extension JSONValue: Hashable {
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.string(let x), .string(let y)): JSONText(x) == JSONText(y)
    case (.number(let x), .number(let y)): same(x, y)
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)): x == y
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let flag): hasher.combine(flag)
    case .string(let text): hasher.combine(JSONText(text))
    case .number(let text):
      if let number = JSONNumber(text) { hasher.combine(number) } else { hasher.combine(JSONText(text)) }
    case .array(let values): hasher.combine(values)
    case .object(let members): hasher.combine(members)
    }
  }

  private static func same(_ a: String, _ b: String) -> Bool {
    if JSONText(a) == JSONText(b) { return true }
    guard let x = JSONNumber(a), let y = JSONNumber(b) else { return false }
    return x == y
  }
}
