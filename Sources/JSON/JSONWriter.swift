/// Values to bytes: always valid JSON in valid UTF-8, members in their order, `/` never escaped.
struct JSONWriter {
  private static let indentation = 2
  private static let hex = Array("0123456789abcdef".utf8)

  private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var level = 0

  init(pretty: Bool) { isPretty = pretty }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let text): write(number: text)
    case .string(let text): write(string: text)
    case .array(let values): write(array: values)
    case .object(let members): write(object: members)
    }
  }

  /// A text that is no JSON number (only a caller can make one) is written as a string: the answer stays
  /// readable.
  private mutating func write(number text: String) {
    let digits = Array(text.utf8)
    if JSONNumber.isValid(digits) { bytes += digits } else { write(string: text) }
  }

  private mutating func write(array values: [JSONValue]) {
    bytes.append(UInt8(ascii: "["))
    level += 1
    for (i, value) in values.enumerated() {
      separate(first: i == 0)
      write(value)
    }
    end(UInt8(ascii: "]"), empty: values.isEmpty)
  }

  private mutating func write(object members: JSONObject) {
    bytes.append(UInt8(ascii: "{"))
    level += 1
    var first = true
    members.forEach { key, value in
      separate(first: first)
      first = false
      write(string: key)
      bytes.append(UInt8(ascii: ":"))
      if isPretty { bytes.append(0x20) }
      write(value)
    }
    end(UInt8(ascii: "}"), empty: members.isEmpty)
  }

  private mutating func separate(first: Bool) {
    if !first { bytes.append(UInt8(ascii: ",")) }
    newLine()
  }

  private mutating func end(_ bracket: UInt8, empty: Bool) {
    level -= 1
    if !empty { newLine() }
    bytes.append(bracket)
  }

  private mutating func newLine() {
    guard isPretty else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: level * Self.indentation))
  }

  private mutating func write(string text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20: write(control: byte)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func write(control byte: UInt8) {
    switch byte {
    case 0x08: bytes += "\\b".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x0A: bytes += "\\n".utf8
    case 0x0C: bytes += "\\f".utf8
    case 0x0D: bytes += "\\r".utf8
    default:
      bytes += "\\u00".utf8
      bytes.append(Self.hex[Int(byte >> 4)])
      bytes.append(Self.hex[Int(byte & 15)])
    }
  }
}

extension JSONValue {
  /// Compact: no space at all between the parts.
  package var bytes: [UInt8] {
    var writer = JSONWriter(pretty: false)
    writer.write(self)
    return writer.bytes
  }

  /// For people: two spaces a level, one value a line, no line break at the end.
  package var prettyBytes: [UInt8] {
    var writer = JSONWriter(pretty: true)
    writer.write(self)
    return writer.bytes
  }
}
