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
  var words: [String]

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions
  @OptionGroup var namespace: NamespaceOptions

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  func run() async throws {
    let journal = try storage.journal.openIfThere()
    if words == ["jobs"] || words == ["job"] {
      return JobListing(output: output).show(try await journal?.jobs(jobFilter) ?? [])
    }
    let catalog = try await ObjectCatalog.read(journal, try await storage.directory())
    for problem in catalog.problems { Console.error("Warning: \(problem)") }
    if let kinds = try ObjectArgument.kinds(words) {
      return show(kinds.map { ($0, catalog.views($0).filter(isInScope)) }, isList: true)
    }
    try showNamed(try ObjectArgument.parse(words), catalog)
  }

  private func showNamed(_ arguments: [ObjectArgument], _ catalog: ObjectCatalog) throws {
    let found = arguments.map { argument in
      catalog.views(argument.kind).first { $0.name == argument.name && isInScope($0) }
    }
    var kinds: [ObjectKind] = []
    for argument in arguments where !kinds.contains(argument.kind) { kinds.append(argument.kind) }
    let groups = kinds.map { kind in (kind, found.compactMap { $0 }.filter { $0.kind == kind }) }
    show(groups, isList: arguments.count > 1)
    for (argument, view) in zip(arguments, found) where view == nil {
      Console.error(ServerRefusal.notFound(argument.kind, argument.name).text())
    }
    if found.contains(where: { $0 == nil }) { throw ExitCode(CommandFailure.failedCode) }
  }

  private var jobFilter: JobFilter { JobFilter(namespace: allNamespaces ? nil : namespace.name) }

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
