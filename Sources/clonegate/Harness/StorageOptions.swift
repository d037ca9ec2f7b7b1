import ArgumentParser
import Jobs

/// Where the objects of this machine are.
struct StorageOptions: ParsableArguments {
  @Option(help: "Directory of Kubernetes YAML that the gate serves (default: the one that it last served).")
  var standalone: String?

  @Option(help: "Directory of the journal and of the volumes that claims are given.")
  var data = ".clonegate"

  func journal() throws -> Journal { try Journal.open(directory: data) }

  /// The directory that was named, else the one that the gate wrote into the journal.
  func directory(_ journal: Journal) async throws -> StandaloneDirectory? {
    let path = if let standalone { standalone } else { try await journal.standaloneDirectory() }
    return path.map { StandaloneDirectory(path: $0) }
  }
}
