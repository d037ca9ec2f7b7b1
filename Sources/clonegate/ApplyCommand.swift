import ArgumentParser
import JSON

/// Submits objects as an API server would: over TLS to the gate, or into the standalone directory.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Create or change objects, through the gate.",
    discussion: """
      DataVolumes and VirtualMachines are sent to the gate's webhooks the way an API server sends them. RBAC \
      objects, namespaces, claims, volumes and classes are written into the standalone directory.
      Without --as the user is kubernetes-admin of group system:masters.
      """)

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: "Manifest, or - for standard input (repeatable).")
  var files: [String] = []

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var impersonation: ImpersonationOptions

  @Option(help: "server: let the gate judge, store nothing.")
  var dryRun = DryRun.none

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if files.isEmpty { throw ValidationError("-f FILE is needed") }
  }

  func run() async throws {
    let manifests = try ManifestInput.read(files, namespace: namespace.namespace)
    let server = try await LocalAPIServer(
      storage, gate, user: impersonation.identity, isDryRun: dryRun == .server)
    var run = ApplyRun(server: server, namespace: namespace.name, output: output)
    if run.check(manifests) {
      try server.requireJournal(
        for: manifests.compactMap { ObjectKind.of(apiVersion: $0.apiVersion, kind: $0.kind) })
      for manifest in manifests { await run.apply(manifest) }
    }
    await run.finish()
    if run.failures > 0 { throw ExitCode(CommandFailure.failedCode) }
  }
}
