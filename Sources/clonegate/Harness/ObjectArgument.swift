/// An object named on the command line: `dv NAME`, `dv/NAME`, or only a kind.
struct ObjectArgument: Hashable, Sendable {
  let kind: ObjectKind
  let name: String

  /// `KIND NAME...` or `KIND/NAME...`; at least one name.
  static func parse(_ words: [String]) throws -> [ObjectArgument] {
    let (kind, names) = try parseKind(words)
    if let kind {
      guard !names.isEmpty else { throw CommandFailure.usage("which \(kind.kind)? give its name") }
      return names.map { ObjectArgument(kind: kind, name: $0) }
    }
    return try words.map { word in
      let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw CommandFailure.usage("\"\(word)\" is not KIND/NAME")
      }
      return ObjectArgument(kind: try known(parts[0]), name: parts[1])
    }
  }

  /// The kind and the names after it; no kind when the words are all `KIND/NAME`.
  static func parseKind(_ words: [String]) throws -> (kind: ObjectKind?, names: [String]) {
    guard let first = words.first else { throw CommandFailure.usage("a kind is needed, for example dv") }
    if first.contains("/") { return (nil, []) }
    return (try known(first), Array(words.dropFirst()))
  }

  private static func known(_ word: String) throws -> ObjectKind {
    guard let kind = ObjectKind.named(word) else {
      let words = ObjectKind.all.map { $0.shortNames.first ?? $0.resource }.joined(separator: ", ")
      throw CommandFailure.usage("there is no kind \"\(word)\"", hint: "known are \(words)")
    }
    return kind
  }
}
