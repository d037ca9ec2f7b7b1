import ArgumentParser
import Jobs

/// Follows copies live until all of them have ended.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract:
      "Follow copies until they end: a bar each on a terminal, lines elsewhere. Exit code 1 if one failed.")

  @Argument(help: "Names of DataVolumes, with or without dv/ before them (default: all).")
  var words: [String] = []

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions
  @OptionGroup var unasked: UnaskedOptions

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: "Only the DataVolumes of this manifest, those of machines' templates too; or - (repeatable).")
  var files: [String] = []

  @Option(name: [.customShort("n"), .long], help: "Only this namespace.")
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces, as without -n.")
  var allNamespaces = false

  @Option(name: .shortAndLong, help: "json: one JSON object a line for each change.")
  var output: OutputFormat?

  @Option(help: "Seconds after which to stop watching, exit code 1 (default: none; Ctrl-C ends it).")
  var timeout: Double?

  @Option(help: "No effect here: nothing is changed.")
  var dryRun = DryRun.none

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if !words.isEmpty, !files.isEmpty { throw ValidationError("give names or -f FILE, not both") }
    if allNamespaces, namespace != nil { throw ValidationError("-A and -n exclude each other") }
    if output == .yaml { throw ValidationError("watch writes json lines only") }
    if let timeout, !(timeout > 0) { throw ValidationError("--timeout must be above 0 seconds") }
  }

  func run() async throws {
    try storage.checkDirectory()
    let chosen = try ManifestInput.dataVolumes(files, namespace: namespace)
    let watch = JobWatch(
      journal: try storage.journal.open(), namespace: namespace, names: try names(), chosen: chosen,
      display: output == .json ? .json : Console.isTerminal ? .bars : .lines, timeout: timeout)
    guard try await watch.follow() else { throw ExitCode(CommandFailure.failedCode) }
  }

  /// `dv NAME`, `dv/NAME` and `NAME` all name a DataVolume; so does nothing else.
  private func names() throws -> Set<String> {
    var words = words
    if let first = words.first, !first.contains("/"), ObjectKind.named(first) == .dataVolume {
      words.removeFirst()
    }
    return Set(
      try words.map { word in
        guard word.contains("/") else { return word }
        let object = try ObjectArgument.parse([word])[0]
        guard object.kind == .dataVolume else {
          throw CommandFailure.usage(
            "a \(object.kind.kind) has no copy of its own", hint: "name its DataVolumes")
        }
        return object.name
      })
  }
}
