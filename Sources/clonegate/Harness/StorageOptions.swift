import ArgumentParser
import Jobs

/// Where the objects of this machine are.
struct StorageOptions: ParsableArguments {
  @Option(help: "Directory of Kubernetes YAML that the gate serves (default: the one that it last served).")
  var standalone: String?

  @Option(help: "Directory of the journal and of the volumes that claims are given.")
  var data = ".clonegate"

  var journal: JournalOnDemand { JournalOnDemand(directory: data) }

  /// Refuses a directory that is not there, for a command that reads none.
  func checkDirectory() throws(CommandFailure) {
    if let standalone { _ = try StandaloneDirectory.existing(standalone) }
  }

  /// The directory that was named, else the one that the gate wrote into the journal.
  func directory() async throws -> StandaloneDirectory? {
    if let standalone { return try StandaloneDirectory.existing(standalone) }
    let served = try await journal.openIfThere()?.standaloneDirectory()
    return served.map { StandaloneDirectory(path: $0) }
  }
}
