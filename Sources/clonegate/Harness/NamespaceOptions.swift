import ArgumentParser
import Authorization

/// In which namespace.
struct NamespaceOptions: ParsableArguments {
  @Option(name: [.customShort("n"), .long], help: "Namespace of what names none.")
  var namespace = "default"

  func validate() throws {
    let problems = KubernetesName.labelProblems(namespace)
    if let problem = problems.first { throw ValidationError("--namespace \(namespace): \(problem)") }
  }
}
