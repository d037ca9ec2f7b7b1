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
    let journal = try storage.journal()
    if words == ["jobs"] || words == ["job"] {
      return JobListing(output: output).show(try await journal.jobs(jobFilter))
    }
    let catalog = try await ObjectCatalog.read(journal, try await storage.directory(journal))
    for problem in catalog.problems { Console.error("Warning: \(problem)") }
    let (kind, names) = try ObjectArgument.parseKind(words)
    if let kind, names.isEmpty { return show(kind, catalog.views(kind).filter(isInScope), isList: true) }
    let arguments = try ObjectArgument.parse(words)
    var found: [ObjectView] = []
    var missing = 0
    for argument in arguments {
      if let view = catalog.views(argument.kind).first(where: { $0.name == argument.name && isInScope($0) }) {
        found.append(view)
      } else {
        missing += 1
        Console.error(ServerRefusal.notFound(argument.kind, argument.name).text())
      }
    }
    for kind in Set(found.map(\.kind)).sorted(by: { $0.kind < $1.kind }) {
      show(kind, found.filter { $0.kind == kind }, isList: arguments.count > 1)
    }
    if missing > 0 { throw ExitCode(CommandFailure.failedCode) }
  }

  private var jobFilter: JobFilter { JobFilter(namespace: allNamespaces ? nil : namespace.namespace) }

  private func isInScope(_ view: ObjectView) -> Bool {
    allNamespaces || !view.kind.isNamespaced || view.namespace == namespace.namespace
  }

  private func show(_ kind: ObjectKind, _ views: [ObjectView], isList: Bool) {
    if let output { return Console.out(output.text(views.map(\.json), isList: isList)) }
    guard !views.isEmpty else {
      let place = kind.isNamespaced && !allNamespaces ? " in \(namespace.namespace) namespace" : ""
      return Console.error("No resources found\(place).")
    }
    Console.out(ObjectTable(kind: kind, showsNamespace: allNamespaces, now: Date()).text(views))
  }
}
