import Foundation
import JSON
import Kubernetes

/// Which cluster a command belongs to: the one of its pod, or the one that a kubeconfig names.
enum ClusterAccess {
  /// Bytes of a kubeconfig; one with a hundred clusters and their certificates is a few hundred KiB.
  private static let maxBytes = 4 << 20

  /// - Parameter hint: what to give to a command that is in no pod.
  static func configuration(
    _ options: ClusterOptions, hint: String = "give --kubeconfig FILE"
  ) throws(CommandFailure) -> ClusterConfiguration {
    try configuration(kubeconfig: options.kubeconfig, context: options.context, hint: hint)
  }

  static func configuration(
    kubeconfig: String?, context: String?, hint: String = "give --kubeconfig FILE"
  ) throws(CommandFailure) -> ClusterConfiguration {
    let environment = ProcessInfo.processInfo.environment
    if kubeconfig == nil, environment["KUBERNETES_SERVICE_HOST"] == nil {
      throw .usage(
        "this is no pod of a cluster, and no other cluster was named",
        hint: hint)
    }
    do {
      guard let path = kubeconfig else { return try .inCluster(environment: environment) }
      let documents = try YAMLReader.documents(try RegularFile.read(path, maxBytes: maxBytes))
      guard let file = documents.first?.value else { throw YAMLProblem("it is empty") }
      return try Kubeconfig.configuration(
        from: file, context: context, folder: folder(of: path))
    } catch let error as KubernetesError {
      throw .failed(kubeconfig.map { "--kubeconfig \($0): \(error.message)" } ?? error.message)
    } catch let error as ManifestProblem {
      throw .failed("--kubeconfig \(error.file): \(error.message)")
    } catch {
      throw .failed("--kubeconfig \(kubeconfig ?? ""): \(error)")
    }
  }

  private static func folder(of path: String) -> String {
    URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
  }
}
