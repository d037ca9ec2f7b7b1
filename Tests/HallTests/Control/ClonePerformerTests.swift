import JSON
import Testing

@testable import clonegate

@Suite struct ClonePerformerTests {
  /// RFC 7396, section 2, word for word.
  private static func merged(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard let changes = patch.object else { return patch }
    var result = target.object ?? [:]
    changes.forEach { key, value in
      result[key] = value == .null ? JSONValue?.none : merged(result[key] ?? .null, value)
    }
    return .object(result)
  }

  private static let pairs: [(JSONValue, JSONValue)] = [
    ([:], ["phase": "Pending"]),
    (["phase": "Pending"], ["phase": "Pending"]),
    (["phase": "Pending", "claimName": "a"], ["phase": "Failed"]),
    (["copy": ["bytes": "1", "rate": "2"]], ["copy": ["bytes": "2"]]),
    (["copy": ["bytes": "1", "rate": "2"]], [:]),
    (["copy": ["bytes": "1"]], ["copy": [:]]),
    (["copy": "text"], ["copy": ["bytes": ["a": 1]]]),
    (["copy": ["bytes": ["a": 1]]], ["copy": "text"]),
    (["a": ["b": ["c": 1, "d": 2], "e": 3]], ["a": ["b": ["c": 1, "f": [1, 2]], "e": 3], "g": true]),
    (["conditions": [["type": "Bound"], ["type": "Ready"]]], ["conditions": [["type": "Ready"]]]),
    (["conditions": []], ["conditions": [["type": "Ready", "message": ""]]]),
  ]

  @Test(arguments: pairs) func `the difference, applied to the old, gives the new`(
    old: JSONValue, new: JSONValue
  ) {
    #expect(Self.merged(old, ClonePerformer.difference(from: old, to: new)) == new)
  }

  @Test func `only what differs is written`() {
    let old: JSONValue = ["phase": "Pending", "copy": ["bytes": "1", "rate": "2", "left": "3"], "gone": 1]
    let new: JSONValue = ["phase": "Pending", "copy": ["bytes": "1", "rate": "4"]]
    let expected: JSONValue = ["copy": ["rate": "4", "left": .null], "gone": .null]
    #expect(ClonePerformer.difference(from: old, to: new) == expected)
    #expect(ClonePerformer.difference(from: new, to: new) == [:])
  }
}
