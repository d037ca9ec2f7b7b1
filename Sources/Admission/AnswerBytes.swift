internal import JSON

/// JSON written straight into bytes: an answer is written for every request, so no tree is built for the
/// usual parts.
struct AnswerBytes {
  private(set) var bytes: [UInt8] = []

  /// Most answers without a refusal fit.
  private static let usualSize = 1024

  init() { bytes.reserveCapacity(Self.usualSize) }

  /// JSON text of ours.
  mutating func raw(_ json: String) { bytes += json.utf8 }

  /// A string, quoted and escaped.
  mutating func text(_ text: String) {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isPlain { plain(text) } else { bytes += JSONValue.string(text).bytes }
  }

  /// A string that needs no escapes, quoted.
  mutating func plain(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    bytes += text.utf8
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func value(_ value: JSONValue) {
    switch value {
    case .string(let string): text(string)
    case .array(let values): list(values) { $0.value($1) }
    default: bytes += value.bytes
    }
  }

  mutating func list<Element>(_ elements: [Element], _ write: (inout AnswerBytes, Element) -> Void) {
    raw("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { raw(",") }
      write(&self, element)
    }
    raw("]")
  }
}
