import ArgumentParser
import Glibc
import Logging
import Telemetry

/// The gate: judges reviews over TLS, and in the standalone setting keeps a worker beside it.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the admission gate.",
    discussion: """
      Answers POST /mutate and POST /validate over TLS; GET /healthz, /readyz and /metrics on a second
      address.
      SIGTERM lets it answer what is in flight and leave; SIGHUP reads policy and certificate again.
      """)

  @OptionGroup var options: ServeOptions

  func run() async throws {
    let directory = try Self.source(options)
    let sink = LogSink(format: options.logFormat)
    let level = options.logLevel
    let logger = Logger(label: "clonegate.serve") { LineLogHandler(label: $0, level: level, sink: sink) }
    try await Gate(options, directory: directory, logger: logger).run()
  }

  /// Where policy and inventory come from. The cluster setting will be the other answer.
  private static func source(_ options: ServeOptions) throws(CommandFailure) -> StandaloneDirectory {
    guard let path = options.standalone else {
      throw .usage(
        "serving a cluster is not built yet", hint: "give --standalone DIR, a directory of Kubernetes YAML")
    }
    guard let resolved = realpath(path, nil) else {
      throw .failed("--standalone \(path): \(SystemError.text(errno))", hint: "name a directory that exists")
    }
    defer { free(resolved) }
    let directory = StandaloneDirectory(path: String(cString: resolved))
    do throws(ManifestProblem) {
      _ = try directory.listing()
    } catch {
      throw .failed("--standalone \(path): \(error.message)")
    }
    return directory
  }
}
