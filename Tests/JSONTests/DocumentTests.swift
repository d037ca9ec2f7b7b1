import Testing

@testable import JSON

func document(_ text: String, limits: JSONLimits = JSONLimits()) throws -> JSONNode {
  try JSONDocument(parsing: Array(text.utf8), limits: limits).root
}

func fault(_ text: String, limits: JSONLimits = JSONLimits()) -> JSONError? {
  do {
    _ = try JSONDocument(parsing: Array(text.utf8), limits: limits)
    return nil
  } catch { return error }
}

@Suite struct DocumentTests {
  @Test func `members are found by exact name, wherever they stand`() throws {
    let node = try document(
      #"{"skip":{"spec":[1,{"name":"no"}]},"spec":{"name":"yes","n":-12,"b":true,"z":null}}"#)
    #expect(node["spec"]?["name"]?.string == "yes")
    #expect(node["spec"]?["n"]?.int == -12)
    #expect(node["spec"]?["b"]?.bool == true)
    #expect(node["spec"]?["z"]?.isNull == true)
    #expect(node["skip"]?["spec"]?.elements?[1]["name"]?.string == "no")
    #expect(node["Spec"] == nil)
    #expect(node["spec"]?["nam"] == nil)
    #expect(node["spec"]?["names"] == nil)
    #expect(node["spec"]?["name"]?["x"] == nil)
  }

  @Test func `an escaped name is the name it stands for`() throws {
    let node = try document(#"{"\u0073pec":1,"a\/b":2,"k:{\"name\":\"x\"}":3,"\ud83d\ude00":4}"#)
    #expect(node["spec"]?.int == 1)
    #expect(node["a/b"]?.int == 2)
    #expect(node["k:{\"name\":\"x\"}"]?.int == 3)
    #expect(node["😀"]?.int == 4)
    #expect(node.members?.map(\.key) == ["spec", "a/b", "k:{\"name\":\"x\"}", "😀"])
  }

  @Test func `names that only look the same are different names`() throws {
    let node = try document("{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(node["\u{E9}"]?.int == 1)
    #expect(node["e\u{301}"]?.int == 2)
    #expect(node.value.object?.count == 2)
    #expect(node.value["e\u{301}"] == 2)
  }

  @Test func `strings are decoded when asked for`() throws {
    let node = try document(#"["plain","\"\\\/\b\f\n\r\t","\u00e9\u20AC\ud83d\ude00","\u0000",""]"#)
    let texts = node.elements?.map { $0.string ?? "?" }
    #expect(texts == ["plain", "\"\\/\u{8}\u{C}\n\r\t", "é€😀", "\u{0}", ""])
    #expect(node.elements?[0].equals("plain") == true)
    #expect(node.elements?[0].equals("plai") == false)
    #expect(node.elements?[2].equals("é€😀") == true)
    #expect(node.elements?[2].equals("é€") == false)
    #expect(node.equals("plain") == false)
  }

  @Test func `numbers keep their text`() throws {
    let node = try document("[1,-0,1.50,1e3,9223372036854775807,9223372036854775808,-9223372036854775808]")
    let elements = try #require(node.elements)
    #expect(
      elements.map(\.numberText) == [
        "1", "-0", "1.50", "1e3", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      ])
    #expect(elements.map(\.int) == [1, 0, nil, nil, .max, nil, .min])
  }

  @Test func `raw bytes are the bytes of the value as written`() throws {
    let node = try document(#" {"a" : [ 1 , "x\n" ] ,"b":"q","c":{ }} "#)
    func raw(_ node: JSONNode?) -> String { String(decoding: node?.rawBytes ?? [], as: UTF8.self) }
    #expect(raw(node["a"]) == #"[ 1 , "x\n" ]"#)
    #expect(raw(node["a"]?.elements?[1]) == #""x\n""#)
    #expect(raw(node["b"]) == "\"q\"")
    #expect(raw(node["c"]) == "{ }")
    #expect(raw(node) == #"{"a" : [ 1 , "x\n" ] ,"b":"q","c":{ }}"#)
  }

  @Test func `views of another kind are nil`() throws {
    let node = try document(#"{"s":"1","n":1,"t":true,"z":null,"a":[],"o":{}}"#)
    #expect(node["s"]?.int == nil && node["s"]?.bool == nil && node["s"]?.elements == nil)
    #expect(node["n"]?.string == nil && node["n"]?.isNull == false)
    #expect(node["z"]?.string == nil && node["z"]?.members == nil)
    #expect(node["a"]?.elements?.isEmpty == true && node["a"]?.members == nil)
    #expect(node["o"]?.members?.isEmpty == true && node["o"]?.elements == nil)
    #expect(
      ["s", "n", "t", "z", "a", "o"].map { node[$0]?.kind } == [
        .string, .number, .bool, .null, .array, .object,
      ])
  }

  @Test func `a tree becomes a node with the same value`() throws {
    let value: JSONValue = ["a": [1, "x\n\u{0}😀", nil, true], "b/\"": ["c": .number("1.5e3")]]
    #expect(JSONNode(value).value == value)
    #expect(JSONNode(value)["b/\""]?["c"]?.numberText == "1.5e3")
  }

  @Test func `a name given twice is found among few and among many`() {
    for count in [2, 5, 24, 25, 26, 100, 5000] {
      for twice in [0, (count - 1) / 2, count - 2] {
        let names = (0..<count - 1).map { "\"key-\($0)\":\($0)" }
        let again = "\"key-\(twice)\":0"
        let text = "{" + (names + [again]).joined(separator: ",") + "}"
        let error = fault(text)
        #expect(error?.code == .duplicateKey)
        #expect(error?.offset == text.utf8.count - again.utf8.count - 1)
        #expect(fault("{" + names.joined(separator: ",") + "}") == nil)
      }
    }
  }

  @Test func `names made to collide do not make the search slow`() {
    // Same length and same first and last words; a quadratic search would take minutes here.
    let names = (0..<40_000).map { "\"aaaaaaaa\(String(1_000_000 + $0))bbbbbbbb\":0" }
    #expect(fault("{" + names.joined(separator: ",") + "}") == nil)
  }
}
