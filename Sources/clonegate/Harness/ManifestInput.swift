import Glibc
import JSON

/// Reads the manifests that a command is given, multi-document YAML, JSON and Lists.
enum ManifestInput {
  /// Larger than anything that a review may carry; the same bound as for a file of the standalone directory.
  private static let maxBytes = YAMLLimits().maxBytes

  /// - Parameter namespace: the one that was asked for; an object that names another is a mistake.
  static func read(_ files: [String], namespace: String? = nil) throws -> [Manifest] {
    var manifests: [Manifest] = []
    for file in files {
      do {
        let bytes = file == "-" ? try standardInput() : try RegularFile.read(file, maxBytes: maxBytes)
        manifests += try Manifest.read(bytes, file: file == "-" ? "STDIN" : file)
      } catch let problem as ManifestProblem { throw CommandFailure.failed("\(problem)") }
    }
    guard !manifests.isEmpty else { throw CommandFailure.failed("no objects passed to apply") }
    if let namespace { try manifests.forEach { try $0.requireNamespace(namespace) } }
    return manifests
  }

  /// Which object a manifest is about.
  static func target(_ manifest: Manifest, namespace: String) throws -> (ObjectKind, String, String) {
    guard let kind = ObjectKind.of(apiVersion: manifest.apiVersion, kind: manifest.kind) else {
      throw CommandFailure.failed(
        "\(manifest.file): no matches for kind \"\(manifest.kind)\" in version \"\(manifest.apiVersion)\"")
    }
    guard !manifest.name.isEmpty else {
      throw CommandFailure.failed("\(manifest.file): a \(manifest.kind) without a name cannot be deleted")
    }
    return (kind, manifest.namespace.isEmpty ? namespace : manifest.namespace, manifest.name)
  }

  private static func standardInput() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure.failed("standard input cannot be read (\(SystemError.text(errno)))")
      }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= maxBytes else {
        throw CommandFailure.failed("standard input has more than \(maxBytes) bytes")
      }
    }
  }
}

extension Manifest {
  /// kubectl's rule, and its words.
  fileprivate func requireNamespace(_ wanted: String) throws {
    let isNamespaced = ObjectKind.of(apiVersion: apiVersion, kind: kind)?.isNamespaced ?? false
    guard isNamespaced, !namespace.isEmpty, namespace != wanted else { return }
    throw CommandFailure.failed(
      "the namespace from the provided object \"\(namespace)\" does not match the namespace \"\(wanted)\"",
      hint: "\(file):\(line): pass --namespace=\(namespace), or leave it out")
  }
}
