import JSON
import Testing

@Suite struct LimitTests {
  @Test func `a document may be as large as the limit, and not one byte larger`() {
    let limits = JSONLimits(maxBytes: 10)
    #expect(fault("[1,2,3,44]", limits: limits) == nil)
    let error = fault("[1,2,3,444]", limits: limits)
    #expect(error?.code == .tooLarge)
    #expect(
      error?.message == "invalid JSON at byte 0 (line 1): the document is larger than 10 bytes; send less")
  }

  @Test(arguments: [1, 2, 3, 64, 128])
  func `depth counts arrays and objects, and not what stands beside`(_ depth: Int) {
    let limits = JSONLimits(maxDepth: depth)
    let deep =
      String(repeating: "{\"a\":[], \"b\":", count: depth - 1) + "[1]"
      + String(repeating: "}", count: depth - 1)
    #expect(fault(deep, limits: JSONLimits(maxDepth: depth + 1)) == nil)
    let exact = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(fault(exact, limits: limits) == nil)
    #expect(fault("[" + exact + "]", limits: limits)?.code == .tooDeep)
    #expect(fault("[" + exact + "]", limits: limits)?.offset == depth)
  }

  @Test func `depth zero is for scalars`() {
    #expect(fault("1", limits: JSONLimits(maxDepth: 0)) == nil)
    #expect(fault("[]", limits: JSONLimits(maxDepth: 0))?.code == .tooDeep)
  }

  @Test func `every value counts, names do not`() {
    #expect(fault(#"{"a":1,"b":[2,3]}"#, limits: JSONLimits(maxValues: 5)) == nil)
    #expect(fault(#"{"a":1,"b":[2,3]}"#, limits: JSONLimits(maxValues: 4))?.code == .tooManyValues)
  }

  @Test func `a million levels cost an error, not the stack`() {
    let text = String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)
    #expect(fault(text)?.code == .tooDeep)
    #expect(fault(text, limits: JSONLimits(maxDepth: .max, maxValues: .max)) == nil)
  }

  @Test func `the defaults hold the largest review that can come`() {
    let limits = JSONLimits()
    #expect(limits.maxBytes == 7 << 20)
    let names = (0..<100_000).map { "\"annotation-\($0)\":\"\(String(repeating: "v", count: 40))\"" }
    #expect(fault("{" + names.joined(separator: ",") + "}") == nil)
  }

  /// The code, the byte and the line of the first fault.
  @Test(arguments: [
    ("", JSONError.Code.empty, 0, 1), ("  ", .empty, 2, 1), ("\u{FEFF}{}", .byteOrderMark, 0, 1),
    ("[1,\n2,\n x]", .expectedValue, 8, 3), ("{\"a\":1\n,\"a\":2}", .duplicateKey, 8, 2),
    ("[01]", .badNumber, 1, 1),
    ("[1.]", .badNumber, 3, 1), ("[1", .unexpectedEnd, 2, 1), ("[1}", .expectedCommaOrEnd, 2, 1),
    ("{\"a\" 1}", .expectedColon, 5, 1), ("{a:1}", .expectedKey, 1, 1), ("[nul]", .badLiteral, 1, 1),
    ("[\"\u{1}\"]", .controlCharacter, 2, 1), ("[\"\\x\"]", .badEscape, 2, 1),
    ("[\"\\uD800\"]", .loneSurrogate, 2, 1),
    ("[] []", .trailingBytes, 3, 1), ("[1] \n x", .trailingBytes, 6, 2),
  ])
  func `an error says what, where and what to do`(
    _ c: (text: String, code: JSONError.Code, offset: Int, line: Int)
  ) {
    let error = fault(c.text)
    #expect(error?.code == c.code)
    #expect(error?.offset == c.offset)
    #expect(error?.line == c.line)
    #expect(error?.message.hasPrefix("invalid JSON at byte \(c.offset) (line \(c.line)): ") == true)
  }
}
