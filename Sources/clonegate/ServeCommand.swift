import ArgumentParser

/// The gate: judges reviews over TLS. In a cluster that is all it does; in the standalone setting it records
/// the clones that it accepts, and keeps a worker beside it.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the admission gate.",
    discussion: """
      Answers POST /mutate and POST /validate over TLS; GET /healthz, /readyz and /metrics on a second \
      address.
      SIGTERM lets it answer what is in flight and leave; SIGHUP reads policy and certificate again.
      """)

  @OptionGroup var options: ServeOptions

  @OptionGroup var configurationFile: ConfigurationOption

  func run() async throws {
    let make = try setting()
    try await Gate(options, logger: options.log.logger("clonegate.serve"), setting: make).run()
  }

  /// Where policy and inventory come from.
  private func setting() throws(CommandFailure) -> (GateParts) throws -> any GateSetting {
    guard let path = options.standalone else {
      let configuration = try ClusterAccess.configuration(
        options.cluster,
        hint: "give --kubeconfig FILE to serve its cluster, or --standalone DIR to serve without one")
      return { ClusterSetting(configuration, $0) }
    }
    let directory = try Self.directory(path)
    return { try StandaloneSetting(directory, $0) }
  }

  private static func directory(_ path: String) throws(CommandFailure) -> StandaloneDirectory {
    let directory = try StandaloneDirectory.existing(path)
    do throws(ManifestProblem) {
      _ = try directory.listing()
    } catch {
      throw .failed("--standalone \(path): \(error.message)")
    }
    return directory
  }
}
