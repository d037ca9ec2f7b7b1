import ArgumentParser
import Testing

@testable import clonegate

@Suite("Help") struct HelpTests {
  /// ArgumentParser fills lines anew for a terminal of 80 columns: a longer one that is not a paragraph
  /// leaves its last words alone on a line.
  @Test(
    "keeps long lines to whole paragraphs", arguments: Clonegate.configuration.subcommands.map(Command.init))
  func paragraphs(_ command: Command) {
    for each in command.withSubcommands {
      for line in each.configuration.discussion.split(separator: "\n") {
        #expect(line.count < 80 || line.hasSuffix("."), "\(each): \(line)")
      }
    }
  }

  @Test("lists --config", arguments: Clonegate.configuration.subcommands.map(Command.init))
  func configuration(_ command: Command) {
    for each in command.withSubcommands where each.configuration.subcommands.isEmpty {
      #expect(Clonegate.helpMessage(for: each, columns: 80).contains("  --config <file> "), "\(each)")
    }
  }

  /// The rows of flags that other people's checks rely on.
  @Test(
    "takes each flag of its row",
    arguments: [
      (
        ["apply -f x", "delete -f x", "get -f x", "watch -f x", "jobs -f x"],
        "--server https://h --ca c --standalone s --data d -n n --as u --as-group g --dry-run=server -o json"
      ),
      (
        ["copy a b", "verify a b"],
        "--preallocate unwritten --verify off --limit 1M --threads 2 --progress json"
      ),
    ])
  func rows(_ commands: [String], _ flags: String) throws {
    for command in commands {
      let words = (command + " " + flags).split(separator: " ").map(String.init)
      #expect(throws: Never.self) { _ = try Clonegate.parseAsRoot(words) }
    }
  }

  struct Command: CustomTestStringConvertible {
    let type: any ParsableCommand.Type
    var testDescription: String { "\(type)" }
    var withSubcommands: [any ParsableCommand.Type] { [type] + type.configuration.subcommands }
  }
}
