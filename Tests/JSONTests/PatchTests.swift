import Testing

@testable import JSON

/// A patch, what it is applied to, and what comes out: a document, or why not.
struct PatchCase: Sendable, CustomTestStringConvertible {
  let name: String
  let document: String
  let patch: String
  let result: String?
  let code: JSONPatchError.Code?

  var testDescription: String { name }

  init(_ name: String, _ document: String, _ patch: String, _ result: String) {
    (self.name, self.document, self.patch, self.result, code) = (name, document, patch, result, nil)
  }

  init(_ name: String, _ document: String, _ patch: String, fails code: JSONPatchError.Code) {
    (self.name, self.document, self.patch, result, self.code) = (name, document, patch, nil, code)
  }

  /// RFC 6902, appendix A, in its order.
  static let appendix: [PatchCase] = [
    .init(
      "A.1 add a member", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
      #"{"baz":"qux","foo":"bar"}"#),
    .init(
      "A.2 add an element", #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
      #"{"foo":["bar","qux","baz"]}"#),
    .init(
      "A.3 remove a member", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#,
      #"{"foo":"bar"}"#),
    .init(
      "A.4 remove an element", #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
      #"{"foo":["bar","baz"]}"#),
    .init(
      "A.5 replace", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
      #"{"baz":"boo","foo":"bar"}"#),
    .init(
      "A.6 move a value", #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
      #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#),
    .init(
      "A.7 move an element", #"{"foo":["all","grass","cows","eat"]}"#,
      #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#, #"{"foo":["all","cows","eat","grass"]}"#),
    .init(
      "A.8 test, success", #"{"baz":"qux","foo":["a",2,"c"]}"#,
      #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
      #"{"baz":"qux","foo":["a",2,"c"]}"#),
    .init(
      "A.9 test, error", #"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#,
      fails: .testFailed),
    .init(
      "A.10 add a nested object", #"{"foo":"bar"}"#,
      #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
      #"{"foo":"bar","child":{"grandchild":{}}}"#),
    .init(
      "A.11 ignore unrecognized members", #"{"foo":"bar"}"#,
      #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#, #"{"foo":"bar","baz":"qux"}"#),
    .init(
      "A.12 add to a target that does not exist", #"{"foo":"bar"}"#,
      #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, fails: .noSuchPlace),
    .init(
      "A.14 escape order", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#,
      #"{"/":9,"~1":10}"#),
    .init(
      "A.15 a string is no number", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#,
      fails: .testFailed),
    .init(
      "A.16 add an array value", #"{"foo":["bar"]}"#,
      #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
      #"{"foo":["bar",["abc","def"]]}"#),
  ]

  static let more: [PatchCase] = [
    .init("no operation", #"{"a":1}"#, "[]", #"{"a":1}"#),
    .init("add replaces a member", #"{"a":1}"#, #"[{"op":"add","path":"/a","value":[2]}]"#, #"{"a":[2]}"#),
    .init("add replaces the document", #"{"a":1}"#, #"[{"op":"add","path":"","value":[2]}]"#, "[2]"),
    .init("replace the document", "1", #"[{"op":"replace","path":"","value":{}}]"#, "{}"),
    .init("add at the end by position", "[1,2]", #"[{"op":"add","path":"/2","value":3}]"#, "[1,2,3]"),
    .init("add at the start", "[1,2]", #"[{"op":"add","path":"/0","value":0}]"#, "[0,1,2]"),
    .init("add null", "{}", #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
    .init("add under an empty name", "{}", #"[{"op":"add","path":"/","value":1}]"#, #"{"":1}"#),
    .init(
      "add under a name with a slash", "{}", #"[{"op":"add","path":"/a~1b~0c","value":1}]"#, #"{"a/b~c":1}"#),
    .init(
      "a digit is a name in an object", #"{"0":1}"#, #"[{"op":"replace","path":"/0","value":2}]"#, #"{"0":2}"#
    ),
    .init("a dash is a name in an object", "{}", #"[{"op":"add","path":"/-","value":2}]"#, #"{"-":2}"#),
    .init(
      "copy, then change the copy", #"{"a":{"b":1}}"#,
      #"[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b","value":2}]"#,
      #"{"a":{"b":1},"c":{"b":2}}"#),
    .init(
      "copy into itself", #"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/a/c"}]"#,
      #"{"a":{"b":1,"c":{"b":1}}}"#),
    .init("move onto itself", #"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
    .init("move to a longer name", #"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/ab"}]"#, #"{"ab":1}"#),
    .init("move to the whole document", #"{"a":[1]}"#, #"[{"op":"move","from":"/a","path":""}]"#, "[1]"),
    .init(
      "test ignores the order of members", #"{"a":{"x":1,"y":2}}"#,
      #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#, #"{"a":{"x":1,"y":2}}"#),
    .init(
      "test compares numbers by value", "[1.0,100,-0]",
      #"[{"op":"test","path":"","value":[1,1e2,0.0]}]"#, "[1.0,100,-0]"),
    .init(
      "test compares strings by scalars", "[\"\u{E9}\"]",
      "[{\"op\":\"test\",\"path\":\"/0\",\"value\":\"e\u{301}\"}]", fails: .testFailed),
    .init(
      "test null against nothing", "{}", #"[{"op":"test","path":"/a","value":null}]"#, fails: .noSuchPlace),
    .init(
      "remove from the middle of nested arrays", "[[1,[2,3]],4]", #"[{"op":"remove","path":"/0/1/0"}]"#,
      "[[1,[3]],4]"),
    .init("remove nothing", #"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, fails: .noSuchPlace),
    .init("remove the document", #"{"a":1}"#, #"[{"op":"remove","path":""}]"#, fails: .noSuchPlace),
    .init("replace nothing", #"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, fails: .noSuchPlace),
    .init("add behind the end", "[1]", #"[{"op":"add","path":"/2","value":1}]"#, fails: .noSuchPlace),
    .init("remove at the end", "[1]", #"[{"op":"remove","path":"/1"}]"#, fails: .noSuchPlace),
    .init("remove a dash", "[1]", #"[{"op":"remove","path":"/-"}]"#, fails: .noSuchPlace),
    .init("a leading zero", "[1,2]", #"[{"op":"add","path":"/01","value":1}]"#, fails: .badIndex),
    .init("a sign", "[1,2]", #"[{"op":"add","path":"/+1","value":1}]"#, fails: .badIndex),
    .init("a name in an array", "[1,2]", #"[{"op":"add","path":"/a","value":1}]"#, fails: .badIndex),
    .init(
      "a huge position", "[1]", #"[{"op":"add","path":"/9223372036854775808","value":1}]"#, fails: .badIndex),
    .init("into a string", #"{"a":"b"}"#, #"[{"op":"add","path":"/a/0","value":1}]"#, fails: .noSuchPlace),
    .init("through null", #"{"a":null}"#, #"[{"op":"add","path":"/a/b/c","value":1}]"#, fails: .noSuchPlace),
    .init(
      "move into itself", #"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#,
      fails: .moveIntoItself),
    .init(
      "move the document into itself", #"{"a":1}"#, #"[{"op":"move","from":"","path":"/a"}]"#,
      fails: .moveIntoItself),
    .init("copy nothing", "{}", #"[{"op":"copy","from":"/a","path":"/b"}]"#, fails: .noSuchPlace),
    .init(
      "nothing happens when the second fails", #"{"a":1}"#,
      #"[{"op":"remove","path":"/a"},{"op":"test","path":"/a","value":1}]"#, fails: .noSuchPlace),
    .init("not an array", "{}", #"{"op":"add","path":"/a","value":1}"#, fails: .notAPatch),
    .init("not an object", "{}", "[1]", fails: .notAPatch),
    .init("no op", "{}", #"[{"path":"/a","value":1}]"#, fails: .missingMember),
    .init("op is no string", "{}", #"[{"op":1,"path":"/a","value":1}]"#, fails: .missingMember),
    .init("no path", "{}", #"[{"op":"add","value":1}]"#, fails: .missingMember),
    .init("no value", "{}", #"[{"op":"add","path":"/a"}]"#, fails: .missingMember),
    .init("no from", "{}", #"[{"op":"move","path":"/a"}]"#, fails: .missingMember),
    .init(
      "an operation that does not exist", "{}", #"[{"op":"spam","path":"/a"}]"#, fails: .unknownOperation),
    .init("op in capitals", "{}", #"[{"op":"ADD","path":"/a","value":1}]"#, fails: .unknownOperation),
    .init("a path without slash", "{}", #"[{"op":"add","path":"a","value":1}]"#, fails: .badPointer),
    .init("a tilde alone", "{}", #"[{"op":"add","path":"/a~","value":1}]"#, fails: .badPointer),
    .init("a tilde and a 2", "{}", #"[{"op":"add","path":"/~2","value":1}]"#, fails: .badPointer),
  ]
}

@Suite struct PatchTests {
  @Test(arguments: PatchCase.appendix + PatchCase.more)
  func `a patch gives the document or the error of the standard`(_ c: PatchCase) throws {
    let document = try JSONValue(parsing: Array(c.document.utf8))
    let patch = try JSONValue(parsing: Array(c.patch.utf8))
    do {
      let result = try JSONPatch(parsing: patch).apply(to: document)
      let expected = try JSONValue(parsing: Array(try #require(c.result).utf8))
      #expect(result == expected)
    } catch let error as JSONPatchError {
      #expect(error.code == c.code, "\(error)")
      #expect(error.message.hasPrefix("JSON patch operation "))
    }
  }

  @Test(arguments: (PatchCase.appendix + PatchCase.more).filter { $0.result != nil })
  func `a patch written and read again is the same patch`(_ c: PatchCase) throws {
    let patch = try JSONPatch(parsing: JSONValue(parsing: Array(c.patch.utf8)))
    #expect(try JSONPatch(parsing: patch.json) == patch)
  }

  @Test func `the error names the operation`() throws {
    let patch = JSONPatch(operations: [
      .add(path: JSONPointer(tokens: ["a"]), value: 1), .remove(path: JSONPointer(tokens: ["b/c"])),
    ])
    let error = #expect(throws: JSONPatchError.self) { try patch.apply(to: [:]) }
    #expect(
      error?.message
        == "JSON patch operation 1: there is no \"/b~1c\" in the document; add what holds it first")
  }

  @Test func `a patch is written with escaped pointers`() throws {
    let path = JSONPointer(tokens: ["metadata", "annotations", "cdi.kubevirt.io/x~y"])
    let patch = JSONPatch(operations: [.add(path: path, value: "v")])
    #expect(
      String(decoding: patch.json.bytes, as: UTF8.self)
        == #"[{"op":"add","path":"/metadata/annotations/cdi.kubevirt.io~1x~0y","value":"v"}]"#)
  }
}
