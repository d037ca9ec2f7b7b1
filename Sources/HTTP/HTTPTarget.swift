/// The target of a request in its origin form: a path, and a query after the first `?`.
enum HTTPTarget {
  /// The index of the first byte from `start` on that no target can hold. Escapes must be whole.
  static func end(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRefusal) -> Int {
    var at = start
    while at < bytes.count, ByteClass.isTarget(bytes[at]) {
      if bytes[at] == 0x25 {
        guard at + 2 < bytes.count, ByteClass.hexValue(bytes[at + 1]) != nil,
          ByteClass.hexValue(bytes[at + 2]) != nil
        else { throw HTTPRefusal(400, "the request target holds a % without two hexadecimal digits") }
      }
      at += 1
    }
    return at
  }

  static func split(_ target: Span<UInt8>) -> (path: String, query: String?) {
    for index in target.indices where target[index] == 0x3f {
      return (target.extracting(0..<index).text, target.extracting(index + 1..<target.count).text)
    }
    return (target.text, nil)
  }
}

extension HTTPRefusal {
  static let badTarget = HTTPRefusal(
    400, "the request target is missing or holds a character that is not allowed: escape it")
}

extension Span<UInt8> {
  var text: String { withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
}
