import Admission
import ArgumentParser
import Authorization
import JSON
import Jobs
import Kubernetes
import Transport

/// Would this clone be allowed, for whom, by which binding; and if not, what is missing?
struct CanCloneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "can-clone",
    abstract: "Tell whether a clone would be allowed, and by what; exit code 1 if not.",
    discussion: """
      Without --as the question is asked for the ServiceAccount default of the target namespace, as which a \
      VirtualMachine there clones unless it names another. Members of group system:masters may do everything.
      --kubeconfig asks about a cluster: its roles and bindings are listed with your own rights, and nothing \
      is written.
      """)

  @Option(help: "The disk: NAMESPACE/CLAIM.", transform: SourceArgument.reading)
  var from: SourceArgument

  @Option(help: "Namespace that the copy would be in.")
  var to: String

  @OptionGroup var storage: StorageOptions

  @Option(help: "Ask about the cluster that this kubeconfig names.")
  var kubeconfig: String?

  @Option(help: "Context of the kubeconfig (default: its current one).")
  var context: String?

  @OptionGroup var impersonation: ImpersonationOptions

  @Option(
    help: "Who must be allowed: either the requester or the target namespace's default account, or requester."
  )
  var dvSubject = AdmissionSettings.SubjectRule.either

  @Option(help: "Whether the right to create pods in the source namespace allows a clone: true or false.")
  var implicitPodGrant = true

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if storage.standalone != nil, kubeconfig != nil {
      throw ValidationError("give one of --standalone and --kubeconfig, not both")
    }
    if context != nil, kubeconfig == nil { throw ValidationError("--context needs --kubeconfig") }
    let names = [("--from", from.namespace), ("--to", to)]
    for (flag, name) in names {
      if let problem = KubernetesName.labelProblems(name).first {
        throw ValidationError("\(flag) \(name): \(problem)")
      }
    }
    if let problem = KubernetesName.subdomainProblems(from.name).first {
      throw ValidationError("--from \(from.name): \(problem)")
    }
  }

  func run() async throws {
    let policy = try await kubeconfig == nil ? readPolicy() : readClusterPolicy()
    let answer = CloneAnswer(verdict: verdict(policy), policy: policy)
    Console.out(output?.text(answer.json) ?? answer.text)
    if !answer.verdict.allowed { throw ExitCode(CommandFailure.failedCode) }
  }

  private func verdict(_ policy: Policy) -> CloneVerdict {
    let settings = AdmissionSettings(subjectRule: dvSubject, implicitPodGrant: implicitPodGrant)
    let authorizer = CloneAuthorizer(policy: policy, settings: settings)
    let source = CloneSource(namespace: from.namespace, name: from.name)
    guard impersonation.user != nil else {
      return authorizer.decide(serviceAccount: "default", targetNamespace: to, source: source)
    }
    return authorizer.decide(requester: impersonation.identity, targetNamespace: to, source: source)
  }

  /// What the gate of that cluster would mirror now. It also asks the API server before a refusal, which
  /// matters where that has other authorizers than RBAC.
  private func readClusterPolicy() async throws -> Policy {
    let configuration = try ClusterAccess.configuration(kubeconfig: kubeconfig, context: context)
    let loops = try LoopGroup(count: 1)
    do {
      let (policy, problems) = try await ClusterPolicy.read(configuration, on: loops)
      await loops.stop()
      // Roles and bindings that grant nothing are the ordinary state of a cluster.
      for problem in problems where problem.severity == .refused {
        Console.error("Warning: \(problem.message)")
      }
      return policy
    } catch {
      await loops.stop()
      throw CommandFailure.failed(
        "the cluster's roles and bindings cannot be read: \(error)",
        hint: "it takes the right to list roles, clusterroles, rolebindings and clusterrolebindings")
    }
  }

  /// The policy of the directory as it is now. The gate keeps its last good one while a file is broken;
  /// whoever asks here wants to know of it.
  private func readPolicy() async throws -> Policy {
    guard let directory = try await storage.directory() else {
      throw CommandFailure.usage(
        "whose policy?", hint: "give --standalone DIR, a directory of Kubernetes YAML, or --kubeconfig FILE")
    }
    let contents = directory.read()
    if let problem = contents.problems.first {
      throw CommandFailure.failed(
        "\(problem)", hint: "the policy cannot be told while something in it cannot be read")
    }
    let (policy, problems) = Policy.build(from: contents.objects.map { JSONNode($0) })
    for problem in problems { Console.error("Warning: \(problem.message)") }
    return policy
  }
}

/// `NAMESPACE/CLAIM`.
struct SourceArgument: ExplainedArgument, Hashable {
  let namespace: String
  let name: String

  static let expected = "NAMESPACE/CLAIM"

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    (namespace, name) = (parts[0], parts[1])
  }
}
