import Admission
import Glibc
import JSON
import Jobs

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
    guard !manifests.isEmpty else {
      throw CommandFailure.failed("there are no objects in \(files.joined(separator: ", "))")
    }
    if let namespace { try manifests.forEach { try $0.requireNamespace(namespace) } }
    return manifests
  }

  /// The objects that files name, for commands that make none.
  static func targets(_ files: [String], _ namespace: NamespaceOptions) throws -> [ObjectArgument] {
    try read(files, namespace: namespace.namespace).map { manifest in
      let place = "\(manifest.file):\(manifest.line)"
      guard let kind = ObjectKind.of(apiVersion: manifest.apiVersion, kind: manifest.kind) else {
        throw CommandFailure.failed(
          "\(place): no matches for kind \"\(manifest.kind)\" in version \"\(manifest.apiVersion)\"")
      }
      guard !manifest.name.isEmpty else {
        throw CommandFailure.failed("\(place): a \(manifest.kind) with generateName names no object")
      }
      let own = manifest.namespace.isEmpty ? namespace.name : manifest.namespace
      return ObjectArgument(kind: kind, name: manifest.name, namespace: kind.isNamespaced ? own : nil)
    }
  }

  /// The DataVolumes that files name, those of machines' templates too; nil without files.
  static func dataVolumes(_ files: [String], namespace: String?) throws -> Set<ObjectName>? {
    guard !files.isEmpty else { return nil }
    let objects = try read(files, namespace: namespace).flatMap { manifest -> [JSONValue] in
      var value = manifest.value
      if manifest.namespace.isEmpty { value["metadata"]?["namespace"] = .string(namespace ?? "default") }
      return manifest.kind == ObjectKind.virtualMachine.kind
        ? MachineTemplates.dataVolumes(of: value) : [value]
    }
    let names = objects.compactMap { StoredObject($0)?.name }.filter { $0.kind == ObjectKind.dataVolume.kind }
    guard !names.isEmpty else {
      throw CommandFailure.failed("no DataVolume is named in \(files.joined(separator: ", "))")
    }
    return Set(names)
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
