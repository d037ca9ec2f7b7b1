/// A JSON value as a tree: what is built, patched and written. Reading a large document that came from outside is
/// the business of `JSONDocument`, which validates once and materialises nothing that is not asked for.
///
/// Rule source: RFC 8259. Numbers keep their text, so that no digit is lost on the way through.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// The number's text, exactly as it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of an object, in the order they were written. Equality ignores the order.
package struct JSONObject: Sendable, Hashable {
  private var order: [String] = []
  private var values: [String: JSONValue] = [:]

  package init() {}

  package var keys: [String] { order }
  package var count: Int { order.count }
  package var isEmpty: Bool { order.isEmpty }

  package subscript(key: String) -> JSONValue? {
    get { values[key] }
    set {
      let known = values[key] != nil
      values[key] = newValue
      if newValue == nil { order.removeAll { $0 == key } } else if !known { order.append(key) }
    }
  }

  package static func == (a: JSONObject, b: JSONObject) -> Bool { a.values == b.values }
  package func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
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
      members[key] = newValue
      self = .object(members)
    }
  }
}
