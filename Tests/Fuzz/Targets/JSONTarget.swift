import Fuzzing
import JSON
import JSONOracle

extension FuzzTarget {
  private static let syntax = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "false", "\"\":", "\\u0000", "\\ud800",
    "\\udc00", "\\u0041", "1e5",
    "-0", ".0", "E+1", " ", "\"a\":1,", "\"\\u0061\":1,", "[[[[[[[[", "]]]]]]]]", "\u{FEFF}", "\u{FFFF}",
  ]

  /// Agrees with Foundation; what was accepted reads the same after writing, in every way there is to read
  /// it.
  static let json = FuzzTarget(name: "json", isJSON: true, words: syntax) { bytes in
    let verdict = FoundationOracle.judge(bytes)
    if case .disagree(let why) = verdict { throw BrokenRule("Foundation does not agree: \(why)") }
    let root: JSONNode
    do throws(JSONError) { root = try JSONDocument(parsing: bytes).root } catch {
      try BrokenRule.check(
        error.offset >= 0 && error.offset <= bytes.count, "the error lies outside: \(error)")
      return "\(error.code)"
    }
    let value = root.value
    for written in [value.bytes, value.prettyBytes, Array(root.rawBytes)] {
      try BrokenRule.check(
        try JSONValue(parsing: written, limits: .init()) == value, "reads differently when written")
    }
    try BrokenRule.check(JSONNode(value).value == value, "is different as a node")
    try lazyReadsAgree(root, value)
    return "\(verdict) \(root.kind) \(min(bytes.count / 16, 8))"
  }

  private static func lazyReadsAgree(_ node: JSONNode, _ value: JSONValue) throws {
    try BrokenRule.check(
      try JSONValue(parsing: Array(node.rawBytes)) == value, "raw bytes differ from the value")
    try BrokenRule.check(
      node.string == value.string && node.bool == value.bool && node.int == value.int, "views differ")
    if let text = value.string { try BrokenRule.check(node.equals(text), "a string does not equal itself") }
    for (element, other) in zip(node.elements ?? [], value.array ?? []) { try lazyReadsAgree(element, other) }
    for key in value.object?.keys ?? [] {
      guard let member = node[key], let other = value[key] else {
        throw BrokenRule("a member is not found by name")
      }
      try lazyReadsAgree(member, other)
    }
  }

  /// An array of a document and a patch. Never crashes; what applies, applies the same after writing, and
  /// keeps JSON JSON.
  static let patch = FuzzTarget(
    name: "patch", isJSON: true,
    words: syntax + [
      "\"op\":\"add\"", "\"path\":\"/-\"", "~0", "~1", "move", "copy", "test", "remove", "replace", "from",
      "value",
    ]
  ) { bytes in
    guard let input = try? JSONValue(parsing: bytes), let parts = input.array, parts.count == 2 else {
      return "no pair"
    }
    do {
      let patch = try JSONPatch(parsing: parts[1])
      try BrokenRule.check(
        try JSONPatch(parsing: patch.json) == patch, "the patch reads differently when written")
      let result = try patch.apply(to: parts[0])
      try BrokenRule.check(
        try JSONValue(parsing: result.bytes, limits: .init(maxDepth: 1000)) == result, "is no JSON")
      return "applied \(min(patch.operations.count, 5)) \(result == parts[0])"
    } catch let error as JSONPatchError { return "\(error.code)" }
  }
}
