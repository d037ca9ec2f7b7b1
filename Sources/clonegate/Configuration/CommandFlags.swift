import ArgumentParser
import JSON

/// The long options of a command, read from its own definition, so that the parser, the help text and the
/// configuration file can never disagree on what there is.
struct CommandFlags {
  enum Kind: Hashable {
    /// Takes no value: `--no-worker`.
    case flag
    /// Takes one value; the last one counts.
    case option
    /// May be given more than once.
    case list
  }

  let kinds: [String: Kind]

  private static let notKeys: Set<String> = ["help", "version", ConfigurationOption.name]

  init(of command: any ParsableCommand.Type) {
    var kinds: [String: Kind] = [:]
    // ArgumentParser's description of a command for other tools.
    let description = try? JSONValue(parsing: Array(command._dumpHelp().utf8))
    for argument in description?["command"]?["arguments"]?.array ?? [] {
      let names = argument["names"]?.array ?? []
      let long = names.first { $0["kind"]?.string == "long" }?["name"]?.string
      guard let long, !Self.notKeys.contains(long) else { continue }
      let isList = argument["isRepeating"]?.bool == true
      kinds[long] = argument["kind"]?.string == "flag" ? .flag : isList ? .list : .option
    }
    self.kinds = kinds
  }

  /// The name that a misspelt one was probably meant to be: the fewest letters to change, and not too many
  /// of them.
  func nearest(to name: String) -> String? {
    let byDistance = kinds.keys.map { (name: $0, distance: Self.distance(name, $0)) }
    let best = byDistance.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return best.flatMap { $0.distance <= max(2, name.count / 2) ? $0.name : nil }
  }

  /// Levenshtein's: letters to insert, remove or replace.
  private static func distance(_ from: String, _ to: String) -> Int {
    let (from, to) = (Array(from), Array(to))
    var row = Array(0...to.count)
    for (i, letter) in from.enumerated() {
      var corner = row[0]
      row[0] = i + 1
      for (j, other) in to.enumerated() {
        let replaced = corner + (letter == other ? 0 : 1)
        corner = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[to.count]
  }
}
