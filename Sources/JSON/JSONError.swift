/// Why bytes are not a document that we accept, and where.
package struct JSONError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case empty, byteOrderMark, tooLarge, tooDeep, tooManyValues, trailingBytes, unexpectedEnd
    case expectedValue, expectedKey, expectedColon, expectedCommaOrEnd
    case badLiteral, badNumber, controlCharacter, badEscape, loneSurrogate, badUTF8, duplicateKey
  }

  package let code: Code
  /// What is wrong, where, and what to do: one sentence for people, without a full stop.
  package let message: String
  /// Bytes before the fault, from 0.
  package let offset: Int
  /// From 1.
  package let line: Int

  package var description: String { message }

  init(_ fault: JSONFault, in bytes: [UInt8], limits: JSONLimits) {
    code = fault.code
    offset = min(fault.offset, bytes.count)
    // A document over the size limit is not read at all, not even to count its lines.
    line = fault.code == .tooLarge ? 1 : 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
    message = "invalid JSON at byte \(offset) (line \(line)): \(fault.code.sentence(limits))"
  }
}

extension JSONError: Equatable {
  /// Two errors are equal when they mean the same thing at the same place.
  package static func == (a: JSONError, b: JSONError) -> Bool { a.code == b.code && a.offset == b.offset }
}

/// The scanner's own error: two words, so that the fast path carries no text.
struct JSONFault: Error {
  let code: JSONError.Code
  let offset: Int
}

extension JSONError.Code {
  fileprivate func sentence(_ limits: JSONLimits) -> String {
    switch self {
    case .empty: "the document is empty; send one JSON value"
    case .byteOrderMark: "the document starts with a byte order mark; send UTF-8 without one"
    case .tooLarge: "the document is larger than \(limits.maxBytes) bytes; send less"
    case .tooDeep: "more than \(limits.maxDepth) levels of arrays and objects; nest less"
    case .tooManyValues: "more than \(limits.maxValues) values; send fewer"
    case .trailingBytes: "something follows the end of the document; send exactly one value"
    case .unexpectedEnd: "the document ends in the middle of a value; was it cut off?"
    case .expectedValue: "a value should be here: null, true, false, a number, a string, [ or {"
    case .expectedKey: "a member name in double quotes should be here"
    case .expectedColon: "a colon should follow the member name"
    case .expectedCommaOrEnd: "a comma, or the end of this array or object, should be here"
    case .badLiteral: "only null, true and false can be written without quotes"
    case .badNumber: "this is not a JSON number: no leading zero or plus, and digits on both sides of a dot"
    case .controlCharacter: "a control character stands in a string; write it as an escape such as \\n"
    case .badEscape:
      "this escape does not exist; use \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hex digits"
    case .loneSurrogate: "half of a surrogate pair is no character; write both halves, high one first"
    case .badUTF8: "these bytes are not UTF-8; encode the document as UTF-8"
    case .duplicateKey: "this member name was given before in the same object; give each name once"
    }
  }
}
