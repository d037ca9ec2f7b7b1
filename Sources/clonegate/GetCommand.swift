import ArgumentParser
import Foundation
import JSON
import Jobs

/// Lists objects with their status.
struct GetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Show objects: dv, vm, pvc, pv, and whatever the standalone directory holds; jobs.")

  @Argument(help: "KIND, KIND NAME..., or KIND/NAME...")
  var words: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: "Manifest that names the objects, or - (repeatable).")
  var files: [String] = []

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var unasked: UnaskedOptions

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  @Option(help: "No effect here: nothing is changed.")
  var dryRun = DryRun.none

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if words.isEmpty == files.isEmpty { throw ValidationError("KIND or -f FILE is needed, and not both") }
  }

  func run() async throws {
    if words == ["jobs"] || words == ["job"] {
      try storage.checkDirectory()
      let scope = allNamespaces ? nil : namespace.name
      let jobs = try await storage.journal.open().jobs(JobFilter(namespace: scope))
      return JobListing(output: output, namespace: scope).show(jobs)
    }
    if files.isEmpty, let kinds = try ObjectArgument.kinds(words) {
      let catalog = try await catalog(of: kinds)
      return show(kinds.map { ($0, catalog.views($0).filter(isInScope)) }, isList: true)
    }
    let arguments =
      try files.isEmpty ? ObjectArgument.parse(words) : ManifestInput.targets(files, namespace)
    try showNamed(arguments, await catalog(of: arguments.map(\.kind)))
  }

  /// What is judged lives in the journal, which also says which directory the gate serves.
  private func catalog(of kinds: [ObjectKind]) async throws -> ObjectCatalog {
    let directory = try await storage.directory()
    let needsJournal = directory == nil || kinds.contains { $0.keeping == .judged }
    let journal = try needsJournal ? storage.journal.open() : storage.journal.openIfThere()
    let catalog = try await ObjectCatalog.read(journal, directory)
    for problem in catalog.problems { Console.error("Warning: \(problem)") }
    return catalog
  }

  private func showNamed(_ arguments: [ObjectArgument], _ catalog: ObjectCatalog) throws {
    let found = arguments.map { argument in
      catalog.views(argument.kind).first { view in
        view.name == argument.name && (argument.namespace.map { $0 == view.namespace } ?? isInScope(view))
      }
    }
    var kinds: [ObjectKind] = []
    for argument in arguments where !kinds.contains(argument.kind) { kinds.append(argument.kind) }
    let groups = kinds.map { kind in (kind, found.compactMap { $0 }.filter { $0.kind == kind }) }
    if output != nil || found.contains(where: { $0 != nil }) { show(groups, isList: arguments.count > 1) }
    for (argument, view) in zip(arguments, found) where view == nil {
      Console.error(ServerRefusal.notFound(argument.kind, argument.name).text())
    }
    if found.contains(where: { $0 == nil }) { throw ExitCode(CommandFailure.failedCode) }
  }

  private func isInScope(_ view: ObjectView) -> Bool {
    allNamespaces || !view.kind.isNamespaced || view.namespace == namespace.name
  }

  private func show(_ groups: [(kind: ObjectKind, views: [ObjectView])], isList: Bool) {
    let views = groups.flatMap(\.views)
    if let output {
      if isList || !views.isEmpty { Console.out(output.text(views.map(\.json), isList: isList)) }
      return
    }
    let tables = groups.filter { !$0.views.isEmpty }.map { kind, views in
      ObjectTable(kind: kind, showsNamespace: allNamespaces, now: Date()).text(views)
    }
    if !tables.isEmpty { return Console.out(tables.joined(separator: "\n\n")) }
    guard isList else { return }
    let hasNamespaces = groups.contains { $0.kind.isNamespaced } && !allNamespaces
    Console.error("No resources found\(hasNamespaces ? " in \(namespace.name) namespace" : "").")
  }
}
