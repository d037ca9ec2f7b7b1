/// The members of an object, in the order they were written. Equality ignores the order.
///
/// Names are compared by their scalars, as RFC 8259 section 8.3 has it. Swift's own String equality would
/// take `é` and `e` with an accent behind it for one name, and a document could then hide one member behind
/// another.
package struct JSONObject: Sendable {
  /// Up to here a search reads the names in turn; above, an index is kept.
  private static let linearLimit = 12

  package private(set) var keys: [String] = []
  private var values: [JSONValue] = []
  private var places: [JSONText: Int] = [:]

  package init() {}

  package var count: Int { keys.count }
  package var isEmpty: Bool { keys.isEmpty }

  /// Setting nil removes the member; a new member goes last.
  package subscript(key: String) -> JSONValue? {
    get { place(of: key).map { values[$0] } }
    set {
      guard let place = place(of: key) else {
        if let newValue { appendNew(key, newValue) }
        return
      }
      if let newValue { values[place] = newValue } else { remove(at: place) }
    }
    _modify {
      var value = place(of: key).map { take($0) }
      defer { self[key] = value }
      yield &value
    }
  }

  /// For a name that is known to be new.
  mutating func appendNew(_ key: String, _ value: JSONValue) {
    keys.append(key)
    values.append(value)
    if keys.count > Self.linearLimit + 1 {
      places[JSONText(key)] = keys.count - 1
    } else if keys.count > Self.linearLimit {
      index()
    }
  }

  /// In the order written.
  package func forEach(_ body: (String, JSONValue) throws -> Void) rethrows {
    for (key, value) in zip(keys, values) { try body(key, value) }
  }

  private func place(of key: String) -> Int? {
    if keys.count > Self.linearLimit { return places[JSONText(key)] }
    let utf8 = key.utf8
    return keys.firstIndex { $0.utf8.count == utf8.count && $0.utf8.elementsEqual(utf8) }
  }

  /// Leaves null behind, so that a change in place copies nothing.
  private mutating func take(_ place: Int) -> JSONValue {
    var value = JSONValue.null
    swap(&value, &values[place])
    return value
  }

  private mutating func remove(at place: Int) {
    keys.remove(at: place)
    values.remove(at: place)
    index()
  }

  private mutating func index() {
    places = [:]
    guard keys.count > Self.linearLimit else { return }
    for (place, key) in keys.enumerated() { places[JSONText(key)] = place }
  }
}

extension JSONObject: Hashable {
  package static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && zip(a.keys, a.values).allSatisfy { key, value in b[key] == value }
  }

  package func hash(into hasher: inout Hasher) {
    // The order does not count, so neither may the order of combining: members are hashed apart and added.
    var sum = 0
    for (key, value) in zip(keys, values) {
      var member = Hasher()
      member.combine(JSONText(key))
      member.combine(value)
      sum &+= member.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
