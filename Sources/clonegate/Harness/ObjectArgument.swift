/// An object named on the command line: `dv NAME`, `dv/NAME`, or only a kind; or by a file.
struct ObjectArgument: Hashable, Sendable {
  let kind: ObjectKind
  let name: String
  /// Of an object that a file names; nil where the command's namespace is meant, or there is none.
  var namespace: String?

  /// `KIND NAME...` or `KIND/NAME...`; at least one name.
  static func parse(_ words: [String]) throws -> [ObjectArgument] {
    guard let first = words.first else { throw CommandFailure.usage("a kind is needed, for example dv") }
    if !first.contains("/") {
      let kind = try known(first)
      guard words.count > 1 else { throw CommandFailure.usage("which \(kind.kind)? give its name") }
      return words.dropFirst().map { ObjectArgument(kind: kind, name: $0) }
    }
    return try words.map { word in
      let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else {
        throw CommandFailure.usage("\"\(word)\" is not KIND/NAME")
      }
      return ObjectArgument(kind: try known(parts[0]), name: parts[1])
    }
  }

  /// `KIND` or `KIND,KIND`: all objects of these kinds. Nil when the words name single objects.
  static func kinds(_ words: [String]) throws -> [ObjectKind]? {
    guard words.count == 1, !words[0].contains("/") else { return nil }
    return try words[0].split(separator: ",").map { try known(String($0)) }
  }

  private static func known(_ word: String) throws -> ObjectKind {
    guard let kind = ObjectKind.named(word) else {
      let words = ObjectKind.all.map { $0.shortNames.first ?? $0.resource }.joined(separator: ", ")
      throw CommandFailure.usage("there is no kind \"\(word)\"", hint: "known are \(words)")
    }
    return kind
  }
}
