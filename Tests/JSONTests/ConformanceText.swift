/// The part of the conformance table that is about numbers, strings and encodings.
extension ConformanceCase {
  static let numbers: [ConformanceCase] =
    [
      "0", "-0", "0.0", "-0.0", "1", "-1", "10", "123456789", "0e1", "0e+1", "1E22", "1E-2", "1E+2", "123e45",
      "123e65", "123.456e78", "123.456789", "1.000000000000000005", "-123", "9223372036854775807", "0.5",
      "1e0",
      "-9223372036854775808",
      "0.000000000000000000000000000000000000000000000000000000000000000000000000000001",
    ].map { ConformanceCase(.accept, "number \($0)", "[\($0)]") }
    + [
      "+1", "++1", "-01", "01", "012", "-012", "00", "0.", "1.", "-1.", "1.e1", "0.e1", ".5", "-.5", ".", "-",
      "--1",
      "-+1", "1e", "1e+", "1e-", "1E", "0e", "0E+", "0.3e", "0.3e+", "1.0e", "1.0e-", "1eE2", "1e1.5",
      "1e+-2",
      "1.2.3", "1.2a", "1a", "1-2", "1+2", "0x1", "0x42", "1_000", "1 000", "1,5.", "NaN", "-NaN", "Inf",
      "Infinity",
      "-Infinity", "infinity", "nan", "1f", "1L", "0b1", "0o7", "-foo", "- 1", "2.e3", "2.e+3", "9.e+",
      "1e1e1", "\u{FF11}",
      "1\u{0}", "0-", "1e\u{660}",
    ].map { ConformanceCase(.refuse, "number \($0)", "[\($0)]") }
    + [
      .init(.refuse, "number ends the document after a minus", "-"),
      .init(.refuse, "number ends the document after a dot", "1."),
      .init(.refuse, "number ends the document after an e", "1e"),
      .init(.refuse, "number, a byte that is not UTF-8 inside", [0x31, 0xE5]),
    ]

  static let strings: [ConformanceCase] =
    [
      "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0060", "\\u012a", "\\u012A", "\\uFFFF",
      "\\u0000",
      "\\u0022", "\\u005C", "\\uD801\\udc37", "\\ud83d\\ude39\\ud83d\\udc8d", "\\uDBFF\\uDFFE",
      "\\uD83F\\uDFFE",
      "\\u200B", "\\u2064", "\\uFDD0", "\\uA66D", "\\u002c", "a/*b*/c/*d//e", "\u{7F}", "\u{2028}",
      "\u{2029}",
      "\u{FFFF}", "\u{10FFFF}", "\u{1F600}", "\u{E9}", "\u{20AC}", "\\\\u0000", "\\\\a", "\\\\n", " ", "'",
      "eight by", "sixteen bytes ok", "seventeen bytes o", "1234567\\n", "12345678\\n", "1234567\u{20AC}",
    ].map { ConformanceCase.inString(.accept, "string \($0)", Array($0.utf8)) }
    + [
      "\\a", "\\x00", "\\u", "\\u1", "\\u12", "\\u123", "\\u00A", "\\uqqqq", "\\u12g4", "\\u+123", "\\U0041",
      "\\'",
      "\\ ", "\\0", "\\\u{0}", "\\\u{1F300}", "\t", "\n", "\r", "\u{0}", "\u{1F}", "a\u{0}a", "new\nline",
      "\\u 041",
      "12345678\u{1}", "\\v", "\\e", "\\8", "\\{1}",
    ].map { ConformanceCase.inString(.refuse, "string \($0)", Array($0.utf8)) }
    + [
      .init(.refuse, "string, not closed", "[\"a"),
      .init(.refuse, "string, only a quote", "\""),
      .init(.refuse, "string, ends in a backslash", "[\"\\"),
      .init(.refuse, "string, its quote escaped", "[\"\\\"]"),
      .init(.refuse, "string, escape cut", "[\"\\u00"),
      .init(.refuse, "string, second half cut", "[\"\\uD834\\uDd"),
      .init(.refuse, "string, second half's backslash cut", "[\"\\uD834\\"),
      .init(.refuse, "string, no quotes", "[\\u000A]"),
      .init(.refuse, "string, quotes of a typesetter", "[\u{201C}a\u{201D}]"),
      .init(.refuse, "string, more behind it", "\"\"x"),
    ]

  /// The bytes that no UTF-8 text holds, and the ones at the edges that it may (Unicode 15, table 3-7).
  static let encodings: [ConformanceCase] = [
    .inString(.accept, "U+0080", [0xC2, 0x80]),
    .inString(.accept, "U+07FF", [0xDF, 0xBF]),
    .inString(.accept, "U+0800", [0xE0, 0xA0, 0x80]),
    .inString(.accept, "U+D7FF", [0xED, 0x9F, 0xBF]),
    .inString(.accept, "U+E000", [0xEE, 0x80, 0x80]),
    .inString(.accept, "U+10000", [0xF0, 0x90, 0x80, 0x80]),
    .inString(.accept, "U+10FFFF", [0xF4, 0x8F, 0xBF, 0xBF]),
    .inString(.refuse, "a continuation byte alone", [0x81]),
    .inString(.refuse, "overlong slash, two bytes", [0xC0, 0xAF]),
    .inString(.refuse, "overlong slash, three bytes", [0xE0, 0x80, 0xAF]),
    .inString(.refuse, "overlong slash, four bytes", [0xF0, 0x80, 0x80, 0xAF]),
    .inString(.refuse, "overlong zero", [0xC0, 0x80]),
    .inString(.refuse, "overlong U+007F", [0xC1, 0xBF]),
    .inString(.refuse, "overlong U+07FF", [0xE0, 0x9F, 0xBF]),
    .inString(.refuse, "overlong U+FFFF", [0xF0, 0x8F, 0xBF, 0xBF]),
    .inString(.refuse, "surrogate U+D800", [0xED, 0xA0, 0x80]),
    .inString(.refuse, "surrogate U+DFFF", [0xED, 0xBF, 0xBF]),
    .inString(.refuse, "a surrogate pair as bytes", [0xED, 0xA0, 0x81, 0xED, 0xB0, 0x81]),
    .inString(.refuse, "above U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
    .inString(.refuse, "far above U+10FFFF", [0xF7, 0xBF, 0xBF, 0xBF]),
    .inString(.refuse, "five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
    .inString(.refuse, "six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]),
    .inString(.refuse, "FE", [0xFE]),
    .inString(.refuse, "FF", [0xFF]),
    .inString(.refuse, "two bytes, second missing", [0xC3]),
    .inString(.refuse, "two bytes, second is a letter", [0xC3, 0x28]),
    .inString(.refuse, "three bytes, third missing", [0xE2, 0x82]),
    .inString(.refuse, "three bytes, third is a letter", [0xE2, 0x82, 0x28]),
    .inString(.refuse, "four bytes, fourth missing", [0xF0, 0x9F, 0x98]),
    .inString(.refuse, "Latin-1", [0xE9]),
    .init(.refuse, "cut in the middle of a character", Array("\"".utf8) + [0xE2, 0x82]),
    .init(.refuse, "cut after a lead byte", Array("\"".utf8) + [0xF0]),
    .init(.refuse, "a bad byte outside strings", [0xFF]),
    .init(.refuse, "a bad byte between values", [0x5B, 0xE5, 0x5D]),
  ]
}
