import ArgumentParser
import Transport

/// The flags of `work` on a node of a cluster.
struct NodeOptions: ParsableArguments {
  @Option(help: "Copy for this node of a cluster: the VolumeCopy orders that name it.")
  var node: String?

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Where the node's file system is mounted (default: it is this one).")
  var hostRoot: String?

  @Option(
    help: "Address of /healthz, /readyz and /metrics of a node's copier, plain HTTP (default: none).",
    transform: { try SocketAddress($0) })
  var healthListen: SocketAddress?

  /// Without a slash at its end; nil when the node's file system is ours.
  var root: String? { hostRoot.flatMap { $0 == "/" ? nil : $0.hasSuffix("/") ? String($0.dropLast()) : $0 } }

  func validate() throws {
    if node == nil, hostRoot != nil || cluster.kubeconfig != nil || healthListen != nil {
      throw ValidationError("--host-root, --kubeconfig and --health-listen need --node")
    }
    if node == "" { throw ValidationError("--node needs a name") }
    if let hostRoot, !hostRoot.hasPrefix("/") { throw ValidationError("--host-root needs an absolute path") }
  }
}
