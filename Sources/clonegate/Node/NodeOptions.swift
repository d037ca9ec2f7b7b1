import ArgumentParser

/// The flags of `work` on a node of a cluster.
struct NodeOptions: ParsableArguments {
  @Option(help: "Copy for this node of a cluster: the VolumeCopy orders that name it.")
  var node: String?

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Where the node's file system is mounted (default: it is this one).")
  var hostRoot: String?

  /// Without a slash at its end; nil when the node's file system is ours.
  var root: String? { hostRoot.flatMap { $0 == "/" ? nil : $0.hasSuffix("/") ? String($0.dropLast()) : $0 } }

  func validate() throws {
    if node == nil, hostRoot != nil || cluster.kubeconfig != nil {
      throw ValidationError("--host-root and --kubeconfig need --node")
    }
    if node == "" { throw ValidationError("--node needs a name") }
    if let hostRoot, !hostRoot.hasPrefix("/") { throw ValidationError("--host-root needs an absolute path") }
  }
}
