import JSON
import Testing

@testable import clonegate

/// What sigs.k8s.io/yaml makes of the same text.
private let scalars: [(String, JSONValue)] = [
  ("yes", true), ("Yes", true), ("on", true), ("y", true), ("TRUE", true), ("tRue", "tRue"),
  ("no", false), ("off", false), ("N", false), ("False", false),
  ("~", nil), ("null", nil), ("", nil), ("nUll", "nUll"),
  ("0777", 511), ("0o777", 511), ("0x1F", 31), ("0b101", 5), ("-0b101", -5), ("1_000", 1000), ("+7", 7),
  ("08", 8), ("09.5", .number("9.5")), ("1.50", .number("1.5")), ("1.0", 1), (".5", .number("0.5")),
  ("5.", 5), ("1e3", 1000), ("1e21", .number("1e+21")), ("1e20", .number("100000000000000000000")),
  ("0.00001", .number("0.00001")), ("9223372036854775807", .number("9223372036854775807")),
  ("18446744073709551615", .number("18446744073709551615")),
  ("2Gi", "2Gi"), ("1:30", "1:30"), ("2026-11-23", "2026-11-23"), ("1.2.3", "1.2.3"), ("+", "+"),
  ("--5", "--5"), ("0x", "0x"), ("0b2", "0b2"), ("1e", "1e"), ("1e+", "1e+"), (".", "."), ("..5", "..5"),
  ("'yes'", "yes"), ("\"0777\"", "0777"), ("!!str 1", "1"), ("!!int \"7\"", 7), ("!!bool yes", true),
]

/// Texts that are refused, and a word of the reason.
private let refused: [(String, String)] = [
  ("a: [", "did not find"),
  ("a: 1\na: 2", "given twice"),
  ("a: {b: 1, b: 2}", "given twice"),
  ("1: a\n\"1\": b", "given twice"),
  ("a: .nan", "no value in JSON"),
  ("a: -.inf", "no value in JSON"),
  ("a: !!int x", "no value in JSON"),
  ("a: !!binary aGk=", "no value in JSON"),
  ("a: !mine x", "no value in JSON"),
  ("!!set {a, b}", "not understood"),
  ("a: *b", "stands for nothing"),
  ("a: &a [*a]", "stands for nothing"),
  ("? [a]\n: b", "a key must be"),
  ("~: b", "a key must be"),
  ("a: 1\n<<: {a: 2}", "before `<<`"),
  ("<<: 5", "merges mappings only"),
  ("a:\n\tb: 1", "cannot start any token"),
  ("a: \u{0}", "control characters"),
  ("%YAML 3.0\n---\na: 1", "incompatible"),
]

@Suite struct `The YAML reader` {
  @Test(arguments: scalars) func `reads scalars as Kubernetes does`(text: String, value: JSONValue) throws {
    let document = try YAMLReader.documents(Array("a: \(text)\n".utf8)).first?.value
    #expect(document?["a"] == value)
  }

  @Test(arguments: scalars) func `writes what it reads back as the same value`(_: String, value: JSONValue)
    throws
  {
    let whole: JSONValue = ["a": value, "b": [value, ["c": value]], "d": [[value]], "e": [:], "f": []]
    let text = YAMLWriter.text(whole)
    #expect(try YAMLReader.documents(Array(text.utf8)).first?.value == whole, "\(text)")
  }

  @Test(arguments: refused) func `refuses what has no single meaning`(text: String, word: String) {
    let error = #expect(throws: YAMLProblem.self) { try YAMLReader.documents(Array(text.utf8)) }
    #expect(error?.message.contains(word) == true, "\(error?.message ?? "nothing")")
  }

  @Test func `keys that look like other kinds become text`() throws {
    let value = try YAMLReader.documents(Array("on: 1\n0x10: 2\n1.50: 3\n".utf8))[0].value
    #expect(value.object?.keys == ["true", "16", "1.5"])
  }

  @Test func `documents keep their order and lines, and empty ones are left out`() throws {
    let text = "---\n# only a comment\n---\na: 1\n...\n---\n\nb: 2\n---\n"
    let documents = try YAMLReader.documents(Array(text.utf8))
    #expect(documents.map(\.value) == [["a": 1], ["b": 2]])
    #expect(documents.map(\.line) == [4, 8])
  }

  @Test func `an alias repeats its anchor and a merge fills what is missing`() throws {
    let text = "x: &x {a: 1, b: 2}\nw: *x\nz:\n  <<: *x\n  b: 3\n"
    let value = try YAMLReader.documents(Array(text.utf8))[0].value
    #expect(value["w"] == ["a": 1, "b": 2])
    #expect(value["z"] == ["a": 1, "b": 3])
  }
}

@Suite struct `Hostile YAML` {
  private func refusal(_ text: String, limits: YAMLLimits = .init()) -> String? {
    do throws(YAMLProblem) {
      _ = try YAMLReader.documents(Array(text.utf8), limits: limits)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func `a billion laughs are stopped by what they would expand to`() {
    var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...9 {
      text +=
        "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
        + "]\n"
    }
    #expect(refusal(text)?.contains("once its aliases are written out") == true)
  }

  @Test func `the same laughs as a key are stopped too`() {
    var text = "? &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n: 0\n"
    for level in 1...9 {
      text +=
        "? &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n: 0\n"
    }
    #expect(refusal(text)?.contains("a key must be") == true)
  }

  @Test func `depth is bounded, also when a chain of aliases makes it`() {
    let nested = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(refusal(nested)?.contains("deeper than 128") == true)
    #expect(refusal(String(repeating: "- ", count: 100_000) + "x")?.contains("deeper than 128") == true)
    // libyaml looks ahead for the end of a key and meets its own bound first.
    #expect(refusal(String(repeating: "[", count: 1_000_000))?.contains("Maximum nesting level") == true)
    var chain = "a0: &a0 [x]\n"
    for level in 1...200 { chain += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(refusal(chain)?.contains("deeper than 128") == true)
    let allowed = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)
    #expect(refusal(allowed) == nil)
  }

  @Test func `size and number of values are bounded`() {
    var limits = YAMLLimits()
    limits.maxBytes = 100
    #expect(refusal(String(repeating: "#", count: 101), limits: limits)?.contains("101 bytes") == true)
    limits.maxValues = 5
    #expect(refusal("[1, 2, 3, 4]", limits: limits) == nil)
    #expect(refusal("[1, 2, 3, 4, 5]", limits: limits)?.contains("more than 5 values") == true)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    #expect(throws: YAMLProblem.self) { try YAMLReader.documents([0x61, 0x3A, 0x20, 0xC3, 0x28]) }
  }
}
