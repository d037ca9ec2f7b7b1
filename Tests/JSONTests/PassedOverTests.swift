import JSON
import Testing

@Suite struct PassedOverTests {
  private func value(_ bytes: [UInt8], _ passedOver: JSONPassedOver, depth: Int = 128) throws -> JSONValue {
    try JSONValue(
      parsing: bytes, limits: JSONLimits(maxDepth: depth, maxValues: 12, passedOver: passedOver))
  }

  @Test(arguments: [
    "{}", "[]", #"{"a":[{"b":"]}\"\\"}]}"#, #"{"a":1,"a":2}"#, "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
    "{\"\u{1}\":\"\\x\"}", String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000),
  ])
  func `whatever managedFields hold, they read as null`(fields: String) throws {
    let text = #"{"items":[{"metadata":{"name":"n","managedFields":"# + fields + #","uid":"u"},"spec":[7]}]}"#
    let expected: JSONValue = [
      "items": [["metadata": ["name": "n", "managedFields": .null, "uid": "u"], "spec": [7]]]
    ]
    #expect(try value(Array(text.utf8), .managedFields) == expected)
  }

  @Test func `bytes that are no UTF-8 may stand in managedFields, and nowhere else`() throws {
    let (head, tail) = (Array(#"{"metadata":{"managedFields":{"f:"#.utf8), Array(#"":{}}}}"#.utf8))
    #expect(try value(head + [0xFF] + tail, .managedFields) == ["metadata": ["managedFields": .null]])
    #expect(throws: JSONError.self) { try value(head + [0xFF] + tail, []) }
    let elsewhere = Array(#"{"metadata":{"labels":{"f:"#.utf8) + [0xFF] + tail
    #expect(throws: JSONError.self) { try value(elsewhere, .managedFields) }
  }

  @Test(arguments: [
    #"{"spec":{"managedFields":[1]}}"#, #"{"managedFields":[1]}"#, #"[{"managedFields":[1]}]"#,
    #"{"metadata":[{"managedFields":[1]}]}"#, #"{"metadata":{"managedfields":[1]}}"#,
    #"{"metadata":{"a":{"managedFields":[1]}}}"#, #"{"metadata":{"managedFields":7}}"#,
  ])
  func `what only bears the name is read`(text: String) throws {
    #expect(try value(Array(text.utf8), .managedFields) == JSONValue(parsing: Array(text.utf8)))
  }

  @Test func `what is too deep reads as null where that was asked for`() throws {
    let deep = String(repeating: "[", count: 9000) + String(repeating: "]", count: 9000)
    let text = Array("{\"a\":{\"b\":\(deep),\"c\":1},\"d\":[2]}".utf8)
    #expect(try value(text, .depths, depth: 2) == ["a": ["b": .null, "c": 1], "d": [2]])
    #expect(throws: JSONError.self) { try value(text, .managedFields, depth: 2) }
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    (#"{"a":1,"b":2,"a":3,"a":{"c":4},"d":5}"#, #"{"b":2,"a":{"c":4},"d":5}"#),
    (#"{"a":{"a":1},"a":[]}"#, #"{"a":[]}"#), (#"[{"x":{"a":[1,{}],"a":2}},3]"#, #"[{"x":{"a":2}},3]"#),
    ("{\"\u{FFFD}\":1,\"\\ufffd\":2}", "{\"\u{FFFD}\":2}"), (#"{"":1,"":2}"#, #"{"":2}"#),
  ])
  func `of a name that is repeated the last is there, where that was asked for`(text: String, same: String)
    throws
  {
    #expect(try value(Array(text.utf8), .repeatedNames) == JSONValue(parsing: Array(same.utf8)))
    let others = try #require(throws: JSONError.self) {
      try value(Array(text.utf8), [.managedFields, .depths])
    }
    #expect(others.code == .duplicateKey)
  }

  @Test(arguments: [2, 24, 25, 5000])
  func `what is passed over is found by no way, among few and among many`(count: Int) throws {
    let names = (0..<count).map { "\"key-\($0 / 2)\":\($0)" }
    let root = try JSONDocument(
      parsing: Array("{\(names.joined(separator: ","))}".utf8), limits: JSONLimits(passedOver: .repeatedNames)
    ).root
    let members = try #require(root.members)
    #expect(members.map(\.key) == (0..<(count + 1) / 2).map { "key-\($0)" })
    for (index, member) in members.enumerated() {
      let last = Int64(min(2 * index + 1, count - 1))
      #expect(member.value.int == last && root[member.key]?.int == last)
    }
  }

  @Test(arguments: ["[", "[[]", "[\"", "[\"\\", "[\"\\\"]", "[\"]", "{\"a\":["])
  func `what has no end is no document`(fields: String) {
    let text = Array(#"{"metadata":{"managedFields":"#.utf8) + Array(fields.utf8)
    #expect(throws: JSONError.self) { try value(text, .managedFields) }
  }
}
