/// The name of a place in a value (RFC 6901): `/spec/source/pvc`, with `~0` for `~` and `~1` for `/`.
package struct JSONPointer: Sendable, Hashable {
  /// The names and positions on the way, decoded. Empty: the whole document.
  package let tokens: [String]

  package init(tokens: [String]) { self.tokens = tokens }

  /// nil when `text` is neither empty nor starts with `/`, or a `~` is not followed by 0 or 1.
  package init?(_ text: String) {
    guard !text.utf8.isEmpty else {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var decoded: [String] = []
    for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let token = Self.decode(part) else { return nil }
      decoded.append(token)
    }
    tokens = decoded
  }

  package func appending(_ token: String) -> JSONPointer { JSONPointer(tokens: tokens + [token]) }

  /// The value that is there; nil when there is none.
  package func find(in value: JSONValue) -> JSONValue? {
    var value = value
    for token in tokens {
      switch value {
      case .object(let members):
        guard let member = members[token] else { return nil }
        value = member
      case .array(let values):
        guard let place = Self.arrayIndex(token), place < values.count else { return nil }
        value = values[place]
      default: return nil
      }
    }
    return value
  }

  /// A position in an array as RFC 6901 section 4 writes it: digits without a leading zero.
  static func arrayIndex(_ token: String) -> Int? {
    let digits = token.utf8
    guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    return Int(token)
  }

  private static func decode(_ part: Substring.UTF8View.SubSequence) -> String? {
    var bytes: [UInt8] = []
    var escaped = false
    for byte in part {
      if escaped {
        guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return nil }
        bytes.append(byte == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
        escaped = false
      } else if byte == UInt8(ascii: "~") {
        escaped = true
      } else {
        bytes.append(byte)
      }
    }
    return escaped ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

extension JSONPointer {
  package static func == (a: JSONPointer, b: JSONPointer) -> Bool {
    a.tokens.count == b.tokens.count && zip(a.tokens, b.tokens).allSatisfy { JSONText($0) == JSONText($1) }
  }

  package func hash(into hasher: inout Hasher) {
    for token in tokens { hasher.combine(JSONText(token)) }
  }
}

extension JSONPointer: CustomStringConvertible {
  /// As it is written in a patch.
  package var description: String {
    var bytes: [UInt8] = []
    for token in tokens {
      bytes.append(UInt8(ascii: "/"))
      for byte in token.utf8 {
        switch byte {
        case UInt8(ascii: "~"): bytes += "~0".utf8
        case UInt8(ascii: "/"): bytes += "~1".utf8
        default: bytes.append(byte)
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
