import Testing

@testable import JSON

@Suite struct ValueTests {
  private func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }

  @Test func `members keep their order, through changes too`() {
    var value: JSONValue = ["z": 1, "a": 2, "m": 3]
    value["a"] = 20
    value["z"] = nil
    value["b"] = [nil, true]
    #expect(text(value) == #"{"a":20,"m":3,"b":[null,true]}"#)
  }

  @Test(arguments: [1, 5, 11, 12, 13, 14, 30, 500])
  func `a large object finds, changes and forgets like a small one`(_ count: Int) {
    var object = JSONObject()
    for i in 0..<count { object["k\(i)"] = .number("\(i)") }
    #expect(object.count == count)
    for i in 0..<count { #expect(object["k\(i)"]?.int == Int64(i)) }
    object["k\(count / 2)"] = "changed"
    #expect(object["k\(count / 2)"] == "changed")
    object["k0"] = nil
    #expect(object["k0"] == nil && object.count == count - 1)
    for i in 1..<count { #expect(object["k\(i)"] != nil) }
    #expect(object["k\(count)"] == nil)
    object["k0"] = nil
    #expect(object.count == count - 1)
  }

  @Test func `a change deep inside reaches through`() {
    var value: JSONValue = ["a": ["b": 1]]
    value["a"]?["c"] = 2
    value["x"]?["y"] = 3
    #expect(value == ["a": ["b": 1, "c": 2]])
    var object: JSONObject = ["list": [1]]
    object["list"] = .array((object["list"]?.array ?? []) + [2])
    #expect(object["list"] == [1, 2])
  }

  @Test func `equal means equal to a reader`() {
    #expect(JSONValue.number("1.0") == 1)
    #expect(JSONValue.number("10e-1") == 1)
    #expect(JSONValue.number("-0") == .number("0.00e7"))
    #expect(JSONValue.number("1e400") == .number("10e399"))
    #expect(JSONValue.number("1e400") != .number("1e401"))
    #expect(JSONValue.number("9007199254740993") != .number("9007199254740992"))
    #expect(JSONValue.number("0.1") != .number("0.10000000000000001"))
    #expect(JSONValue.number("-1") != 1)
    #expect(JSONValue.number("1") != "1")
    #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    #expect((["a": 1, "b": 2] as JSONValue) == ["b": 2, "a": 1])
    #expect((["a": 1, "b": nil] as JSONValue) != ["a": 1])
    #expect(([1, 2] as JSONValue) != [2, 1])
    #expect((["\u{E9}": 1] as JSONValue) != ["e\u{301}": 1])
  }

  @Test func `equal values have equal hashes`() {
    let pairs: [(JSONValue, JSONValue)] = [
      (.number("1.0"), 1), (.number("-0"), 0), (["a": 1, "b": [2]], ["b": [.number("2.0")], "a": 1]),
    ]
    for (a, b) in pairs { #expect(a.hashValue == b.hashValue) }
  }

  @Test func `a text that is no number cannot break the document`() {
    for bad in ["", "NaN", "0x10", "1_000", "01", "1,\"injected\":2", "null", "-", ".inf"] {
      #expect(JSONValue.number(bad).bytes == JSONValue.string(bad).bytes)
    }
    #expect(text(.number("-1.5e+3")) == "-1.5e+3")
  }

  @Test func `strings are written with the fewest escapes that are safe`() {
    #expect(
      text("a/b\"\\\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}é😀\u{2028}")
        == #""a/b\"\\\b\t\n\f\r\u0000\u001f"# + "\u{7F}é😀\u{2028}\"")
  }

  @Test func `for people it is indented`() {
    let value: JSONValue = ["a": [1, [:], []], "b": ["c": nil]]
    #expect(
      String(decoding: value.prettyBytes, as: UTF8.self) == """
        {
          "a": [
            1,
            {},
            []
          ],
          "b": {
            "c": null
          }
        }
        """)
  }
}
