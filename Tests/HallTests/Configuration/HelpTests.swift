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

  struct Command: CustomTestStringConvertible {
    let type: any ParsableCommand.Type
    var testDescription: String { "\(type)" }
    var withSubcommands: [any ParsableCommand.Type] { [type] + type.configuration.subcommands }
  }
}
