import ArgumentParser
import Kubernetes

/// Which cluster a command belongs to: that of its pod, unless a kubeconfig names another.
struct ClusterOptions: ParsableArguments {
  @Option(help: "The cluster that this kubeconfig names (default: the one of the pod that this runs in).")
  var kubeconfig: String?

  @Option(help: "Context of the kubeconfig (default: its current one).")
  var context: String?

  @Option(help: "Namespace that clonegate is installed in (default: its pod's, else clonegate).")
  var namespace: String?

  func validate() throws {
    if context != nil, kubeconfig == nil { throw ValidationError("--context needs --kubeconfig") }
    if namespace == "" { throw ValidationError("--namespace needs a name") }
  }

  /// Where Secrets and the Lease of this installation live. A kubeconfig's namespace is where its user works.
  func home(_ cluster: ClusterConfiguration) -> String {
    namespace ?? (kubeconfig == nil ? cluster.namespace : "clonegate")
  }
}
