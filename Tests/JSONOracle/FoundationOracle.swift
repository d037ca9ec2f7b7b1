// Asks a second, independent parser: Foundation's JSONSerialization. Used by the tests of the JSON room and
// by the fuzzer.
//
// The two must agree on what is JSON and on every value, except where this file says why not.

import Foundation
import JSON

/// A difference that is intended, with its reason.
package enum IntendedDifference: String, Sendable, CaseIterable {
  case duplicateKey = "Foundation keeps one of two members with the same name; a gate must not choose"
  case limits = "the limits of the two on depth differ (ours 128, Foundation's 512)"
  case otherEncodings =
    "Foundation guesses UTF-16, UTF-32 and byte order marks; RFC 8259 section 8.1 has UTF-8 only"
  case hugeNumber = "Foundation refuses a number that no Double holds; we keep its text"
  case trailingComma = "Foundation takes a comma before the end of an array or object; RFC 8259 has none"
  case lostMark = "Foundation drops U+FEFF at the start of a string and behind an escape; it is a character"
  case equalNames = "Foundation's dictionaries take canonically equal names for one; they are different names"
}

package enum FoundationOracle {
  package enum Verdict: Sendable, Equatable {
    case agree
    case intended(IntendedDifference)
    case disagree(String)
  }

  package static func judge(_ bytes: [UInt8]) -> Verdict {
    let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    do {
      let value = try JSONDocument(parsing: bytes).root.value
      guard let other else { return onlyWeAccept(value, bytes) }
      if same(value, other) { return .agree }
      if hasEqualNames(value) { return .intended(.equalNames) }
      return holdsMark(value) ? .intended(.lostMark) : .disagree("both accept it, with different values")
    } catch {
      return other == nil ? .agree : onlyFoundationAccepts(error, bytes)
    }
  }

  private static func onlyWeAccept(_ value: JSONValue, _ bytes: [UInt8]) -> Verdict {
    if holdsHugeNumber(value) { return .intended(.hugeNumber) }
    return .disagree("only we accept it")
  }

  private static func onlyFoundationAccepts(_ error: JSONError, _ bytes: [UInt8]) -> Verdict {
    switch error.code {
    case .duplicateKey: return .intended(.duplicateKey)
    case .tooDeep, .tooManyValues, .tooLarge: return .intended(.limits)
    case .expectedKey, .expectedValue:
      if let mended = withoutTrailingComma(bytes, before: error.offset) {
        if case .disagree(let why) = judge(mended) { return .disagree(why) }
        return .intended(.trailingComma)
      }
    default: break
    }
    let marks: [[UInt8]] = [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]]
    let wide = bytes.prefix(4).contains(0) || marks.contains { bytes.starts(with: $0) }
    return wide ? .intended(.otherEncodings) : .disagree("only Foundation accepts it; we say \(error)")
  }

  /// The document without the comma before the closing bracket at `end`; nil when that is not what is there.
  private static func withoutTrailingComma(_ bytes: [UInt8], before end: Int) -> [UInt8]? {
    guard end < bytes.count, bytes[end] == UInt8(ascii: "]") || bytes[end] == UInt8(ascii: "}") else {
      return nil
    }
    guard let comma = bytes[..<end].lastIndex(where: { !" \t\r\n".utf8.contains($0) }),
      bytes[comma] == UInt8(ascii: ",")
    else { return nil }
    var mended = bytes
    mended.remove(at: comma)
    return mended
  }

  /// Whether Foundation's value is ours. Its numbers are compared as what they became: integers exactly,
  /// others as Double.
  private static func same(_ value: JSONValue, _ other: Any) -> Bool {
    switch value {
    case .null: return other is NSNull
    case .bool(let flag): return isBool(other) && (other as? Bool) == flag
    case .number(let text): return !isBool(other) && sameNumber(text, other)
    case .string(let text): return (other as? String).map { $0.utf8.elementsEqual(text.utf8) } ?? false
    case .array(let values):
      guard let others = other as? [Any], others.count == values.count else { return false }
      return zip(values, others).allSatisfy { same($0, $1) }
    case .object(let members):
      guard let others = other as? [String: Any], others.count == members.count else { return false }
      return members.keys.allSatisfy { key in others[key].map { same(members[key] ?? .null, $0) } ?? false }
    }
  }

  private static func isBool(_ other: Any) -> Bool {
    // Foundation on Linux keeps a truth value as a number of one byte.
    (other as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? (other is Bool)
  }

  private static func sameNumber(_ text: String, _ other: Any) -> Bool {
    guard let number = other as? NSNumber else { return false }
    if let whole = Int64(text) { return number.int64Value == whole }
    guard let ours = Double(text) else { return false }
    let theirs = number.doubleValue
    // Foundation goes by way of Decimal, which is some last places off for a hundred digits.
    return ours == theirs || abs(ours - theirs) <= abs(ours) * 1e-13
  }

  private static func holdsMark(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text): return text.unicodeScalars.contains("\u{FEFF}")
    case .array(let values): return values.contains(where: holdsMark)
    case .object(let members):
      return members.keys.contains { holdsMark(.string($0)) || holdsMark(members[$0] ?? .null) }
    default: return false
    }
  }

  private static func hasEqualNames(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let values): return values.contains(where: hasEqualNames)
    case .object(let members):
      return Set(members.keys).count < members.count
        || members.keys.contains { hasEqualNames(members[$0] ?? .null) }
    default: return false
    }
  }

  private static func holdsHugeNumber(_ value: JSONValue) -> Bool {
    switch value {
    case .number(let text): return Double(text).map { !$0.isFinite || $0 == 0 } ?? true
    case .array(let values): return values.contains(where: holdsHugeNumber)
    case .object(let members): return members.keys.contains { holdsHugeNumber(members[$0] ?? .null) }
    default: return false
    }
  }
}
