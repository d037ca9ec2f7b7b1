import Testing

@testable import JSON

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `each document is accepted or refused as the standard or our choice says`(_ c: ConformanceCase) {
    let isAccepted = (try? JSONDocument(parsing: c.bytes)) != nil
    #expect(isAccepted == c.mustBeAccepted)
  }

  @Test(arguments: ConformanceCase.all.filter(\.mustBeAccepted))
  func `what was accepted is written so that it reads the same`(_ c: ConformanceCase) throws {
    let value = try JSONValue(parsing: c.bytes)
    #expect(try JSONValue(parsing: value.bytes) == value)
    #expect(try JSONValue(parsing: value.prettyBytes) == value)
  }

  @Test(arguments: ConformanceCase.all.filter(\.mustBeAccepted))
  func `a document cut anywhere is refused, unless what is left is a number`(_ c: ConformanceCase) throws {
    let whole =
      c.bytes.last.map { [0x20, 0x09, 0x0A, 0x0D].contains($0) } == true ? c.bytes.dropLast() : c.bytes[...]
    guard whole.first == UInt8(ascii: "[") || whole.first == UInt8(ascii: "{"), whole.count < 1000 else {
      return
    }
    for length in 0..<whole.count {
      #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(whole.prefix(length))) }
    }
  }
}
