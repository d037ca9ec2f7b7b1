import Testing

/// A document and what the standard says about it. The categories are those of the public JSON test suites:
/// what every parser must accept, what it must refuse, and what RFC 8259 leaves open, with the choice that
/// this room made.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  enum Rule: Sendable { case accept, refuse, weAccept, weRefuse }

  let rule: Rule
  let name: String
  let bytes: [UInt8]

  var testDescription: String { name }
  var mustBeAccepted: Bool { rule == .accept || rule == .weAccept }

  init(_ rule: Rule, _ name: String, _ text: String) { self.init(rule, name, Array(text.utf8)) }

  init(_ rule: Rule, _ name: String, _ bytes: [UInt8]) {
    self.rule = rule
    self.name = name
    self.bytes = bytes
  }

  /// The same bytes between two quotes, in an array.
  static func inString(_ rule: Rule, _ name: String, _ bytes: [UInt8]) -> ConformanceCase {
    ConformanceCase(rule, name, Array("[\"".utf8) + bytes + Array("\"]".utf8))
  }

  static let all = structure + numbers + strings + encodings + objects + open
}

extension ConformanceCase {
  static let structure: [ConformanceCase] = [
    .init(.accept, "lonely null", "null"),
    .init(.accept, "lonely true", "true"),
    .init(.accept, "lonely false", "false"),
    .init(.accept, "lonely integer", "42"),
    .init(.accept, "lonely negative real", "-0.1"),
    .init(.accept, "lonely string", "\"asd\""),
    .init(.accept, "lonely empty string", "\"\""),
    .init(.accept, "empty array", "[]"),
    .init(.accept, "array with spaces", "[[] ]"),
    .init(.accept, "array ending with a line break", "[\"a\"]\n"),
    .init(.accept, "array of several kinds", "[null, 1, \"1\", {}]"),
    .init(.accept, "array with leading space", "[ 1]"),
    .init(.accept, "array with nulls", "[1,null,null,null,2]"),
    .init(.accept, "all four spaces around everything", " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n"),
    .init(.accept, "trailing tab", "[1]\t"),
    .init(.refuse, "nothing", ""),
    .init(.refuse, "only space", " "),
    .init(.refuse, "array, extra comma", "[\"\",]"),
    .init(.refuse, "array, double comma", "[1,,2]"),
    .init(.refuse, "array, leading comma", "[,1]"),
    .init(.refuse, "array, only comma", "[,]"),
    .init(.refuse, "array, two missing", "[3[4]]"),
    .init(.refuse, "array, no comma", "[1 true]"),
    .init(.refuse, "array, colon", "[\"\": 1]"),
    .init(.refuse, "array, closed twice", "[1]]"),
    .init(.refuse, "array, closed by brace", "[1}"),
    .init(.refuse, "array, never closed", "[\"\""),
    .init(.refuse, "array, never closed after comma", "[1,"),
    .init(.refuse, "array, never closed after line break", "[1,\n1\n,1"),
    .init(.refuse, "array, only opened", "["),
    .init(.refuse, "array, inner minus", "[-]"),
    .init(.refuse, "array, star", "[*]"),
    .init(.refuse, "array, form feed as space", "[\u{0C}]"),
    .init(.refuse, "array, vertical tab as space", "[\u{0B}1]"),
    .init(.refuse, "array, comma after close", "[1],"),
    .init(.refuse, "a comment", "[1/* no */]"),
    .init(.refuse, "a line comment", "[1] // no"),
    .init(.refuse, "two documents", "{}{}"),
    .init(.refuse, "something after the end", "[1]x"),
    .init(.refuse, "a byte of zero after the end", "123\u{0}"),
    .init(.refuse, "capital true", "[True]"),
    .init(.refuse, "cut true", "[tru]"),
    .init(.refuse, "cut false", "[fals]"),
    .init(.refuse, "cut null at the end", "nul"),
    .init(.refuse, "true with more", "[truex]"),
    .init(.refuse, "capital null", "[NULL]"),
    .init(.refuse, "bare word", "abc"),
    .init(.refuse, "angle brackets", "<null>"),
    .init(.refuse, "bare closing bracket", "]"),
    .init(.refuse, "bare colon", ":"),
    .init(.refuse, "single quote", "'a'"),
    .init(.refuse, "no-break space as space", "[\u{A0}1]"),
    .init(.refuse, "word joiner as space", "[\u{2060}]"),
    .init(.refuse, "a hundred thousand openings", String(repeating: "[", count: 100_000)),
    .init(.refuse, "objects in arrays without end", String(repeating: "[{\"\":", count: 50_000)),
  ]

  static let objects: [ConformanceCase] = [
    .init(.accept, "object", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
    .init(.accept, "empty object", "{}"),
    .init(.accept, "object, empty name", "{\"\":0}"),
    .init(.accept, "object, zero in a name", "{\"foo\\u0000bar\": 42}"),
    .init(.accept, "object, line breaks", "{\n\"a\": \"b\"\n}"),
    .init(.accept, "object, names equal in other objects", "{\"a\":{\"a\":1},\"b\":{\"a\":[{\"a\":2}]}}"),
    .init(.accept, "object, long names", "{\"\(String(repeating: "k", count: 300))\":1,\"x\":2}"),
    .init(.refuse, "object, trailing comma", "{\"id\":0,}"),
    .init(.refuse, "object, several trailing commas", "{\"id\":0,,,,,}"),
    .init(.refuse, "object, two commas", "{\"a\":\"b\",,\"c\":\"d\"}"),
    .init(.refuse, "object, leading comma", "{,\"a\":1}"),
    .init(.refuse, "object, name without quotes", "{a: \"b\"}"),
    .init(.refuse, "object, name in single quotes", "{'a':0}"),
    .init(.refuse, "object, number as name", "{1:1}"),
    .init(.refuse, "object, null as name", "{null:null}"),
    .init(.refuse, "object, no colon", "{\"a\" b}"),
    .init(.refuse, "object, two colons", "{\"x\"::\"b\"}"),
    .init(.refuse, "object, comma for colon", "{\"x\", null}"),
    .init(.refuse, "object, no value", "{\"a\":"),
    .init(.refuse, "object, no value but a close", "{\"a\":}"),
    .init(.refuse, "object, only a name", "{\"a\"}"),
    .init(.refuse, "object, only opened", "{"),
    .init(.refuse, "object, not closed", "{\"a\":\"b\""),
    .init(.refuse, "object, closed by bracket", "{\"a\":1]"),
    .init(.refuse, "object, closed twice", "{\"a\":true}}"),
    .init(.refuse, "object, comment", "{\"a\":\"b\"}/**/"),
    .init(.refuse, "object, no comma", "{\"a\":1 \"b\":2}"),
    .init(.refuse, "object, name not closed", "{\"a:1}"),
    .init(
      .refuse, "object, bytes that are not UTF-8 as name", Array("{\"".utf8) + [0xB9] + Array("\":0}".utf8)),
  ]

  /// What the standard leaves to the parser.
  static let open: [ConformanceCase] = [
    .init(.weAccept, "huge exponent", "[0.4e00669999999999999999999999999999999999999999999999999999999999]"),
    .init(.weAccept, "minus huge exponent", "[-1e+9999]"),
    .init(.weAccept, "tiny", "[123e-10000000]"),
    .init(.weAccept, "integer above 64 bits", "[100000000000000000000]"),
    .init(.weAccept, "double above its range", "[1.5e+9999]"),
    .init(.weRefuse, "lone high surrogate", "[\"\\uD800\"]"),
    .init(.weRefuse, "lone low surrogate", "[\"\\uDFAA\"]"),
    .init(.weRefuse, "high surrogate then letter", "[\"\\uD800abc\"]"),
    .init(.weRefuse, "two high surrogates", "[\"\\uD800\\uD800\\n\"]"),
    .init(.weRefuse, "high surrogate then another escape", "[\"\\uD800\\u0041\"]"),
    .init(.weRefuse, "surrogates the wrong way round", "[\"\\uDd1e\\uD834\"]"),
    .init(.weRefuse, "high surrogate at the end", "[\"\\uD800"),
    .init(.weRefuse, "byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
    .init(.weRefuse, "UTF-16 little-endian", [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00]),
    .init(.weRefuse, "UTF-16 big-endian without mark", [0x00, 0x5B, 0x00, 0x5D]),
    .init(.weAccept, "128 levels", String(repeating: "[", count: 128) + String(repeating: "]", count: 128)),
    .init(.weRefuse, "129 levels", String(repeating: "[", count: 129) + String(repeating: "]", count: 129)),
    .init(.weRefuse, "a name twice", "{\"a\":\"b\",\"a\":\"c\"}"),
    .init(.weRefuse, "a name and value twice", "{\"a\":\"b\",\"a\":\"b\"}"),
    .init(.weRefuse, "a name twice, once escaped", "{\"spec\":1,\"\\u0073pec\":2}"),
    .init(.weRefuse, "an empty name twice", "{\"\":1,\"\":2}"),
    .init(.weRefuse, "a name twice, deep", "[0,{\"x\":{\"y\":[{\"a\":1,\"b\":2,\"a\":3}]}}]"),
    .init(.weAccept, "names that differ in case", "{\"a\":1,\"A\":2}"),
    .init(.weAccept, "names that look the same", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
  ]
}
