import ArgumentParser
import JSON

/// `--config FILE`: a YAML mapping whose keys are the command's long options. It is turned into words of
/// the command line before the command line is read, so that one definition serves both; what the command
/// line says itself wins.
enum ConfigurationFile {
  /// Bytes of a configuration file; there are some thirty options.
  private static let maxBytes = 64 << 10

  /// The words with those of the configuration file put in behind the command's name.
  static func expand(_ words: [String], root: any ParsableCommand.Type) throws(CommandFailure) -> [String] {
    guard let (path, others) = try takePath(words) else { return words }
    let (command, depth) = find(others, below: root)
    let flags = CommandFlags(of: command)
    let given = Set(others.compactMap(longName))
    let added = try arguments(in: try members(of: path), of: path, flags: flags, given: given)
    return others[..<depth] + added + others[depth...]
  }

  private static func takePath(_ words: [String]) throws(CommandFailure) -> (path: String, others: [String])?
  {
    let options = words.prefix { $0 != "--" }
    let places = options.indices.filter { words[$0] == "--config" || words[$0].hasPrefix("--config=") }
    guard let place = places.first else { return nil }
    guard places.count == 1 else { throw .usage("--config is given more than once; one file is read") }
    var others = words
    let word = others.remove(at: place)
    if word != "--config" { return (String(word.dropFirst("--config=".count)), others) }
    guard place < others.count else { throw .usage("--config needs the name of a file") }
    return (others.remove(at: place), others)
  }

  /// The command that the first words name, and how many words that takes.
  private static func find(
    _ words: [String], below root: any ParsableCommand.Type
  ) -> (any ParsableCommand.Type, Int) {
    var (command, depth) = (root, 0)
    while depth < words.count,
      let next = command.configuration.subcommands.first(where: { $0._commandName == words[depth] })
    {
      command = next
      depth += 1
    }
    // `jobs` alone means `jobs list`.
    while let usual = command.configuration.defaultSubcommand { command = usual }
    return (command, depth)
  }

  private static func longName(_ word: String) -> String? {
    guard word.hasPrefix("--"), word.count > 2 else { return nil }
    return String(word.dropFirst(2).prefix { $0 != "=" })
  }

  private static func members(of path: String) throws(CommandFailure) -> JSONObject {
    do {
      let documents = try YAMLReader.documents(try RegularFile.read(path, maxBytes: maxBytes))
      guard documents.count <= 1 else { throw YAMLProblem("one document was expected") }
      guard let first = documents.first else { return JSONObject() }
      guard let members = first.value.object else { throw YAMLProblem("a mapping of options was expected") }
      return members
    } catch let problem as ManifestProblem {
      throw .usage("--config \(path): \(problem.message)")
    } catch {
      throw .usage("--config \(path): \(error)")
    }
  }

  private static func arguments(
    in members: JSONObject, of path: String, flags: CommandFlags, given: Set<String>
  ) throws(CommandFailure) -> [String] {
    var words: [String] = []
    for key in members.keys {
      guard let kind = flags.kinds[key] else {
        let nearest = flags.nearest(to: key).map { "the nearest known one is `\($0)`" }
        throw .usage("--config \(path): unknown key `\(key)`", hint: nearest)
      }
      let added = try arguments(key, kind, members[key] ?? .null, of: path)
      if !given.contains(key) { words += added }
    }
    return words
  }

  private static func arguments(
    _ key: String, _ kind: CommandFlags.Kind, _ value: JSONValue, of path: String
  ) throws(CommandFailure) -> [String] {
    switch (kind, value) {
    case (.flag, .bool(let flag)): return flag ? ["--\(key)"] : []
    case (.flag, _): throw .usage("--config \(path): `\(key)` is true or false")
    case (.list, .array(let values)):
      var words: [String] = []
      for element in values { words += try arguments(key, .option, element, of: path) }
      return words
    case (_, .string(let text)), (_, .number(let text)): return ["--\(key)=\(text)"]
    case (_, .bool(let flag)): return ["--\(key)=\(flag)"]
    case (.option, _): throw .usage("--config \(path): `\(key)` needs a text, a number, true or false")
    case (.list, _): throw .usage("--config \(path): `\(key)` needs a value or a list of values")
    }
  }
}
