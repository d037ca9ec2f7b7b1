// The hall: the only room that sees both ends of the house. Here the command line becomes values, YAML
// becomes JSON, and the rooms are joined to one another; what a review means, how bytes travel and how a
// disk is copied is decided in their own rooms. Do not put logic here that a room could own.
//
// Vocabulary: a *command* is one file and one verb; *manifests* are the objects of the standalone
// directory; a *snapshot* is policy and inventory read at one moment, swapped whole; *serve* is the gate,
// *work* is the worker.
import ArgumentParser
import Glibc
import Jobs

/// The admission gate and copy worker for virtual-machine disks on Kubernetes.
@main struct Clonegate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clonegate",
    abstract:
      "Judges requests to clone virtual-machine disks, and copies the disks whose clones it accepted.",
    discussion: """
      Exit codes: 0 done, 1 refused or failed, 2 usage.
      Every long option of a command can also be a key of the YAML file given with --config.
      """,
    version: "0.1.0",
    subcommands: [
      ServeCommand.self, WorkCommand.self, ControlCommand.self, ApplyCommand.self, DeleteCommand.self,
      GetCommand.self,
      WatchCommand.self, JobsCommand.self, CanCloneCommand.self, CopyCommand.self, VerifyCommand.self,
      CertsCommand.self, ManifestsCommand.self,
    ])

  static func main() async {
    do {
      let words = try ConfigurationFile.expand(Array(CommandLine.arguments.dropFirst()), root: Self.self)
      var command = try await asyncParseAsRoot(words)
      if var waiting = command as? any AsyncParsableCommand {
        try await waiting.run()
      } else {
        try command.run()
      }
      try Console.finish()
    } catch {
      leave(error)
    }
  }

  /// Ends the process: help and version with 0, a usage error with 2, what a command threw with its own
  /// code or 1.
  private static func leave(_ error: any Error) -> Never {
    if let failure = error as? CommandFailure {
      Console.error("clonegate: \(failure.description)")
      Glibc.exit(failure.exitCode)
    }
    if let error = error as? JournalError {
      Console.error("clonegate: \(error)")
      Glibc.exit(CommandFailure.failedCode)
    }
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code == .success { Console.out(text) } else if !text.isEmpty { Console.error(text) }
    Glibc.exit(code == .validationFailure ? CommandFailure.usageCode : code.rawValue)
  }
}
