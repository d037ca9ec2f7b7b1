/// The fields of one head, with the facts that decide how the message is framed. Strict: RFC 9112 section 5,
/// and every construct that lets two parsers see different requests in the same bytes is refused.
struct HTTP1Fields {
  var headers = HTTPHeaders()
  private(set) var contentLength: Int?
  private(set) var isChunked = false
  private(set) var hostCount = 0
  private(set) var closes = false
  private(set) var keepsAlive = false
  private(set) var expectsContinue = false

  /// Reads fields from `start` up to the empty line that ends `bytes`.
  init(_ bytes: Span<UInt8>, from start: Int, limit: Int) throws(HTTPRefusal) {
    var at = start
    while bytes[at] != 0x0d {
      guard headers.count < limit else {
        throw HTTPRefusal(431, "the head has over \(limit) fields: send fewer")
      }
      at = try readField(bytes, at)
    }
    guard at + 2 == bytes.count else { throw .strayReturn }
    guard !isChunked || contentLength == nil else {
      throw HTTPRefusal(400, "Transfer-Encoding and Content-Length together: send one of them")
    }
  }

  /// Reads one line and returns the index after it.
  private mutating func readField(_ bytes: Span<UInt8>, _ start: Int) throws(HTTPRefusal) -> Int {
    var at = start
    while ByteClass.isToken(bytes[at]) { at += 1 }
    guard bytes[at] == 0x3a, at > start else { throw .badName(bytes[at], atStart: at == start) }
    let name = bytes.extracting(start..<at)
    at += 1
    while bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    let valueStart = at
    while ByteClass.isFieldValue(bytes[at]) { at += 1 }
    guard bytes[at] == 0x0d, bytes[at + 1] == 0x0a else { throw .badValue(bytes[at]) }
    var valueEnd = at
    while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
    let value = bytes.extracting(valueStart..<valueEnd)
    headers.append(checkedName: name, value: value)
    try note(name, value)
    return at + 2
  }

  /// Only five names matter for framing, and their lengths tell most others apart.
  private mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HTTPRefusal) {
    switch name.count {
    case 4 where name.isWord("host"): try noteHost(value)
    case 6 where name.isWord("expect"): try noteExpect(value)
    case 10 where name.isWord("connection"): noteConnection(value)
    case 14 where name.isWord("content-length"): try noteLength(value)
    case 17 where name.isWord("transfer-encoding"): try noteTransferEncoding(value)
    default: break
    }
  }

  private mutating func noteHost(_ value: Span<UInt8>) throws(HTTPRefusal) {
    hostCount += 1
    guard hostCount == 1 else { throw HTTPRefusal(400, "Host is given twice: send it once") }
    for index in value.indices where !ByteClass.isAuthority(value[index]) {
      throw HTTPRefusal(400, "Host is no host name with a port")
    }
  }

  private mutating func noteExpect(_ value: Span<UInt8>) throws(HTTPRefusal) {
    guard value.isWord("100-continue") else {
      throw HTTPRefusal(417, "the only expectation that can be met is 100-continue")
    }
    expectsContinue = true
  }

  private mutating func noteConnection(_ value: Span<UInt8>) {
    value.forEachListElement { element in
      if element.isWord("close") { closes = true }
      if element.isWord("keep-alive") { keepsAlive = true }
    }
  }

  private mutating func noteLength(_ value: Span<UInt8>) throws(HTTPRefusal) {
    let length = try Self.length(value)
    guard contentLength == nil || contentLength == length else {
      throw HTTPRefusal(400, "two Content-Length fields differ: send one")
    }
    contentLength = length
  }

  /// The value of Content-Length. Digits only: no sign, no list; 18 of them always fit in 64 bits.
  static func length(_ value: Span<UInt8>) throws(HTTPRefusal) -> Int {
    guard (1...18).contains(value.count) else { throw .badLength }
    var length = 0
    for index in value.indices {
      guard ByteClass.isDigit(value[index]) else { throw .badLength }
      length = length * 10 + Int(value[index] - 0x30)
    }
    return length
  }

  private mutating func noteTransferEncoding(_ value: Span<UInt8>) throws(HTTPRefusal) {
    guard !isChunked else { throw HTTPRefusal(400, "Transfer-Encoding is given twice: send `chunked` once") }
    guard value.isWord("chunked") else {
      throw HTTPRefusal(501, "the only Transfer-Encoding that is read is `chunked`, alone")
    }
    isChunked = true
  }
}

extension HTTPRefusal {
  fileprivate static let badLength = HTTPRefusal(400, "Content-Length is no number of bytes")
  fileprivate static let strayReturn = HTTPRefusal(400, "a CR stands alone in the head")

  fileprivate static func badName(_ byte: UInt8, atStart: Bool) -> HTTPRefusal {
    switch byte {
    case 0x20 where atStart, 0x09 where atStart:
      HTTPRefusal(400, "a field is folded over two lines: send it on one")
    case 0x20, 0x09: HTTPRefusal(400, "white space before the colon of a field")
    default: HTTPRefusal(400, "a field name holds a character that is not allowed")
    }
  }

  fileprivate static func badValue(_ byte: UInt8) -> HTTPRefusal {
    byte == 0x0d ? .strayReturn : HTTPRefusal(400, "a field value holds a control character")
  }
}

extension Span<UInt8> {
  /// Equal to `word`, which is in lower case, without regard to case.
  func isWord(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for index in indices where ByteClass.lowered(self[index]) != word.utf8Start[index] { return false }
    return true
  }

  /// The elements of a comma-separated list, without the white space around them (RFC 9110 section 5.6.1).
  func forEachListElement(_ body: (Span<UInt8>) -> Void) {
    var start = 0
    for index in 0...count where index == count || self[index] == 0x2c {
      var (first, last) = (start, index)
      while first < last, self[first] == 0x20 || self[first] == 0x09 { first += 1 }
      while last > first, self[last - 1] == 0x20 || self[last - 1] == 0x09 { last -= 1 }
      if first < last { body(extracting(first..<last)) }
      start = index + 1
    }
  }
}
