import ArgumentParser

/// The gate: judges reviews over TLS, and in the standalone setting keeps a worker beside it.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the admission gate.")

  @OptionGroup var options: ServeOptions

  func run() async throws {
    throw CommandFailure.usage(
      "the cluster setting is not built yet", hint: "give --standalone DIR, a directory of Kubernetes YAML")
  }
}
