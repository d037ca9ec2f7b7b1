import Testing

@testable import JSON

@Suite struct PointerTests {
  /// RFC 6901, section 5.
  static let document =
    #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
  static let places: [(pointer: String, value: String)] = [
    ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"),
    ("/e^f", "3"),
    ("/g|h", "4"), (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"), ("", document),
  ]

  @Test(arguments: places)
  func `a pointer finds the value of the standard's example`(_ place: (pointer: String, value: String)) throws
  {
    let pointer = try #require(JSONPointer(place.pointer))
    let expected = try JSONValue(parsing: Array(place.value.utf8))
    #expect(pointer.find(in: try JSONValue(parsing: Array(Self.document.utf8))) == expected)
    #expect(pointer.description == place.pointer)
  }

  @Test(arguments: ["foo", "a/b", "/~", "/~2", "/a~x", "/~~0", " /a", "#/foo", "/a/~"])
  func `a text that is no pointer is refused`(_ text: String) {
    #expect(JSONPointer(text) == nil)
  }

  @Test(arguments: [
    "/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/foo/a", "/foo/", "/foo/0/x", "/bar", "/ /x", "//",
  ])
  func `a pointer to nothing finds nothing`(_ text: String) throws {
    let pointer = try #require(JSONPointer(text))
    #expect(pointer.find(in: try JSONValue(parsing: Array(Self.document.utf8))) == nil)
  }

  @Test(arguments: [[], [""], ["", ""], ["a", "b"], ["~", "/", "~1", "~0", "/~"], ["é", "😀"], ["-"]])
  func `a pointer made of names is written and read the same`(_ tokens: [String]) {
    #expect(JSONPointer(JSONPointer(tokens: tokens).description)?.tokens == tokens)
    #expect(JSONPointer(tokens: []).appending("x").tokens == ["x"])
  }
}
