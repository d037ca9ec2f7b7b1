import ArgumentParser
import Authorization

/// In which namespace.
struct NamespaceOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "Namespace of what names none (default: default).")
  var namespace: String?

  /// Where an object goes that names no namespace.
  var name: String { namespace ?? "default" }

  func validate() throws {
    guard let namespace else { return }
    let problems = KubernetesName.labelProblems(namespace)
    if let problem = problems.first { throw ValidationError("--namespace \(namespace): \(problem)") }
  }
}
