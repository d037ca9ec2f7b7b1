import Control
import JSON
import Kubernetes
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

  private static func order(_ uid: String = "u", _ version: String = "7") -> JSONValue {
    [
      "metadata": [
        "name": "o", "uid": .string(uid), "resourceVersion": .string(version),
        "finalizers": ["example.com/other", .string(Control.copierFinalizer)],
      ]
    ]
  }

  @Test func `an order is released as it was seen, and keeps what others hold it by`() throws {
    var order = Self.order()
    try ClonePerformer.release(&order, OrderReference(name: "o", uid: "u", resourceVersion: "7"))
    #expect(order["metadata"]?["finalizers"] == ["example.com/other"])
  }

  /// Its copier may have begun, or it is another order of the name.
  @Test(arguments: [("u", "8"), ("v", "7")])
  func `an order that changed since it was seen is not released`(uid: String, version: String) {
    var order = Self.order(uid, version)
    let before = order
    #expect {
      try ClonePerformer.release(&order, OrderReference(name: "o", uid: "u", resourceVersion: "7"))
    } throws: { ($0 as? KubernetesError)?.isConflict == true }
    #expect(order == before)
  }
}
