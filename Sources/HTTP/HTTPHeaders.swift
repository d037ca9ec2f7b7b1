#if canImport(Glibc)
  internal import Glibc
#endif

/// The fields of a message, in the order sent; names are kept in lower case.
///
/// All fields live in one array, so a message's fields cost one allocation and a `String` is only made for
/// what is asked for. Names are compared without regard to case (RFC 9110 section 5.1).
package struct HTTPHeaders: Sendable, Equatable {
  /// For each field: length of the name (2 bytes), length of the value (4 bytes), the name, the value.
  private var packed: [UInt8] = []
  package private(set) var count = 0

  /// What a typical request brings: one allocation is enough for the fields that an API server sends.
  private static let usualBytes = 256
  fileprivate static let prefix = 6

  package init() {}

  /// What the fields take of memory.
  var heldBytes: Int { packed.capacity }

  /// The fields of a JSON body, made once and shared.
  package static let json: HTTPHeaders = ["content-type": "application/json"]

  /// The first value of the field. Setting replaces every field of that name; setting nil removes them.
  package subscript(name: String) -> String? {
    get {
      var found: String?
      search(name) { value in
        found = String(decoding: value, as: UTF8.self)
        return false
      }
      return found
    }
    set {
      remove(name)
      if let newValue { add(name, newValue) }
    }
  }

  /// Every value of the field, in the order sent.
  package func values(of name: String) -> [String] {
    var found: [String] = []
    search(name) { value in
      found.append(String(decoding: value, as: UTF8.self))
      return true
    }
    return found
  }

  /// Whether the first field of that name has exactly this value; makes no `String`.
  package func has(_ name: String, _ expected: StaticString) -> Bool {
    var equal = false
    search(name) { value in
      equal =
        value.count == expected.utf8CodeUnitCount
        && (value.isEmpty || memcmp(value.baseAddress!, expected.utf8Start, value.count) == 0)
      return false
    }
    return equal
  }

  package var fields: [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    result.reserveCapacity(count)
    forEach { name, value in
      result.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
      return true
    }
    return result
  }

  /// Adds a field after those that are there. The name must be a token (a programming error otherwise).
  /// Control characters in the value become spaces, so that no value can start a line of its own.
  package mutating func add(_ name: String, _ value: String) {
    precondition(!name.isEmpty && name.utf8.allSatisfy(ByteClass.isToken), "a field name must be a token")
    append(nameLength: name.utf8.count, valueLength: value.utf8.count)
    for byte in name.utf8 { packed.append(ByteClass.lowered(byte)) }
    for byte in value.utf8 { packed.append(ByteClass.isFieldValue(byte) ? byte : 0x20) }
  }

  package mutating func remove(_ name: String) {
    let kept = fields.filter { !$0.name.utf8.elementsEqual(name.utf8.lazy.map(ByteClass.lowered)) }
    guard kept.count != count else { return }
    self = HTTPHeaders()
    for field in kept { add(field.name, field.value) }
  }

  /// Adds a field whose bytes a codec has checked.
  mutating func append(checkedName name: Span<UInt8>, value: Span<UInt8>) {
    append(nameLength: name.count, valueLength: value.count)
    for index in name.indices { packed.append(ByteClass.lowered(name[index])) }
    value.withUnsafeBufferPointer { packed.append(contentsOf: $0) }
  }

  /// Calls `body` for each field until it returns false. The bytes are lent for the time of the call.
  func forEach(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool) {
    withFields { fields in
      while let (name, value) = fields.next() {
        guard body(name, value) else { return }
      }
    }
  }

  /// Lends all fields at once: what the iterator yields stays valid until `body` returns.
  func withFields<R>(_ body: (inout LentFields) -> R) -> R {
    packed.withUnsafeBufferPointer { bytes in
      var fields = LentFields(bytes: bytes)
      return body(&fields)
    }
  }

  struct LentFields {
    fileprivate let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    fileprivate init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func next() -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)? {
      guard at < bytes.count else { return nil }
      let name = at + HTTPHeaders.prefix
      let value = name + number(at, bytes: 2)
      let end = value + number(at + 2, bytes: 4)
      at = end
      return (
        UnsafeBufferPointer(rebasing: bytes[name..<value]), UnsafeBufferPointer(rebasing: bytes[value..<end])
      )
    }

    private func number(_ start: Int, bytes count: Int) -> Int {
      var result = 0
      for index in 0..<count { result |= Int(bytes[start + index]) << (8 * index) }
      return result
    }
  }

  private func search(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) {
    let wanted = name.utf8
    forEach { candidate, value in
      guard candidate.count == wanted.count else { return true }
      var index = 0
      for byte in wanted {
        guard ByteClass.lowered(byte) == candidate[index] else { return true }
        index += 1
      }
      return body(value)
    }
  }

  private mutating func append(nameLength: Int, valueLength: Int) {
    precondition(nameLength <= Int(UInt16.max) && valueLength <= Int(UInt32.max), "a field is too long")
    if packed.isEmpty { packed.reserveCapacity(Self.usualBytes) }
    packed.append(UInt8(truncatingIfNeeded: nameLength))
    packed.append(UInt8(truncatingIfNeeded: nameLength >> 8))
    for shift in [0, 8, 16, 24] { packed.append(UInt8(truncatingIfNeeded: valueLength >> shift)) }
    count += 1
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}
