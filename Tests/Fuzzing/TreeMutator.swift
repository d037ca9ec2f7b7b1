import Chance
import JSON
import JSONOracle

/// Changes a document as a tree, so that it stays JSON and the damage reaches what stands behind the parser.
struct TreeMutator {
  private static let strange: [JSONValue] = [
    nil, true, false, "", 0, -1, 1, [], [:], [nil], ["": nil], .number("1e400"), .number("0.1"),
    .number("9223372036854775808"),
    "null", "true", "10Gi", "-1Gi", "1e99", "0", ".5", "é", "\u{0}", "../..", "a/b", "~0", "CREATE", "UPDATE",
    "DELETE", "CONNECT",
    "default", "Block", "Filesystem", "archive", "kubevirt", .string(String(repeating: "x", count: 300)),
  ]
  private static let maxDepth = 64

  var random: Dice

  init(random: Dice) { self.random = random }

  /// nil when one of the two is no JSON.
  mutating func mutate(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8]? {
    guard var value = try? JSONValue(parsing: bytes), let other = try? JSONValue(parsing: other) else {
      return nil
    }
    for _ in 0...Int.random(in: 0..<4, using: &random) { change(&value, other, depth: 0) }
    return value.bytes
  }

  private mutating func change(_ value: inout JSONValue, _ other: JSONValue, depth: Int) {
    guard depth < Self.maxDepth, Int.random(in: 0..<8, using: &random) > 0 else {
      return value = replacement(for: value, other)
    }
    switch value {
    case .array(var values) where !values.isEmpty:
      let place = Int.random(in: 0..<values.count, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: values.remove(at: place)
      case 1: values.append(values[place])
      default: change(&values[place], other, depth: depth + 1)
      }
      value = .array(values)
    case .object(var members) where !members.isEmpty:
      change(&members, other, depth: depth)
      value = .object(members)
    default: value = replacement(for: value, other)
    }
  }

  private mutating func change(_ members: inout JSONObject, _ other: JSONValue, depth: Int) {
    let key = members.keys.randomElement(using: &random)!
    switch Int.random(in: 0..<12, using: &random) {
    case 0: members[key] = nil
    case 1: members[part(of: other).string ?? key] = members[key]
    case 2:
      // What another document has under the same name is more often understood than noise.
      if let same = find(key, in: other) { members[key] = same }
    default:
      var member = members[key] ?? nil
      change(&member, other, depth: depth + 1)
      members[key] = member
    }
  }

  private mutating func replacement(for value: JSONValue, _ other: JSONValue) -> JSONValue {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: part(of: other)
    case 1: .array([value])
    default: Self.strange.randomElement(using: &random)!
    }
  }

  /// Any place in a tree.
  private mutating func part(of value: JSONValue) -> JSONValue {
    var value = value
    while Int.random(in: 0..<6, using: &random) > 0 {
      switch value {
      case .array(let values) where !values.isEmpty: value = values.randomElement(using: &random)!
      case .object(let members) where !members.isEmpty:
        let key = members.keys.randomElement(using: &random)!
        if Int.random(in: 0..<4, using: &random) == 0 { return .string(key) }
        value = members[key] ?? nil
      default: return value
      }
    }
    return value
  }

  private func find(_ key: String, in value: JSONValue) -> JSONValue? {
    switch value {
    case .array(let values): return values.lazy.compactMap { find(key, in: $0) }.first
    case .object(let members):
      return members[key] ?? members.keys.lazy.compactMap { find(key, in: members[$0] ?? nil) }.first
    default: return nil
    }
  }
}
