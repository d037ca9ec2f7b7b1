import ArgumentParser
import JSON

/// Deletes objects, and with them what they own: disks included.
struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete objects with what they own: DataVolumes, their jobs, their disks.")

  @Argument(help: "KIND NAME..., or KIND/NAME...")
  var words: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: "Manifest that names the objects, or - (repeatable).")
  var files: [String] = []

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var impersonation: ImpersonationOptions

  @Option(help: "server: let the gate judge, delete nothing.")
  var dryRun = DryRun.none

  @Option(name: .shortAndLong, help: "Output for programs, a Status for each object: json or yaml.")
  var output: OutputFormat?

  @Flag(help: "An object that is not there is no error.")
  var ignoreNotFound = false

  @Flag(inversion: .prefixedNo, help: "Wait until the worker has removed the disks.")
  var wait = true

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if words.isEmpty == files.isEmpty {
      throw ValidationError("KIND NAME or -f FILE is needed, and not both")
    }
  }

  func run() async throws {
    let targets =
      try files.isEmpty ? ObjectArgument.parse(words) : ManifestInput.targets(files, namespace)
    let server = try await LocalAPIServer(
      storage, gate, user: impersonation.identity, isDryRun: dryRun == .server)
    try server.requireJournal(for: targets.map(\.kind))
    var run = DeleteRun(server: server, output: output, ignoresMissing: ignoreNotFound, waits: wait)
    for target in targets {
      await run.delete(target.kind, namespace: target.namespace ?? namespace.name, name: target.name)
    }
    await run.finish()
    if run.failures > 0 { throw ExitCode(CommandFailure.failedCode) }
  }
}
