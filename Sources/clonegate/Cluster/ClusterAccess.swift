import Foundation
import JSON
import Kubernetes

/// Which cluster `serve` belongs to: the one of its pod, or the one that a kubeconfig names.
enum ClusterAccess {
  /// Bytes of a kubeconfig; one with a hundred clusters and their certificates is a few hundred KiB.
  private static let maxBytes = 4 << 20

  static func configuration(_ options: ServeOptions) throws(CommandFailure) -> ClusterConfiguration {
    do {
      guard let path = options.kubeconfig else {
        return try .inCluster(environment: ProcessInfo.processInfo.environment)
      }
      let documents = try YAMLReader.documents(try RegularFile.read(path, maxBytes: maxBytes))
      guard let file = documents.first?.value else { throw YAMLProblem("it is empty") }
      return try Kubeconfig.configuration(
        from: file, context: options.context, folder: folder(of: path))
    } catch let error as KubernetesError {
      throw .failed(error.message, hint: hint(options))
    } catch let error as ManifestProblem {
      throw .failed("--kubeconfig \(error.file): \(error.message)")
    } catch {
      throw .failed("--kubeconfig \(options.kubeconfig ?? ""): \(error)")
    }
  }

  private static func hint(_ options: ServeOptions) -> String? {
    guard options.kubeconfig == nil else { return nil }
    return "run it in a pod, give --kubeconfig FILE, or --standalone DIR to serve without a cluster"
  }

  private static func folder(of path: String) -> String {
    URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
  }
}
