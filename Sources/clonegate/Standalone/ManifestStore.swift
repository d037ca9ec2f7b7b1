import Glibc
import JSON

/// Changes one object of a standalone directory. Whoever reads the directory sees a file as it was before
/// or as it is after, never half of it.
struct ManifestStore {
  let directory: StandaloneDirectory

  enum Outcome: String { case created, configured, unchanged }

  /// Writes an object: into the file that already holds it, else into a file of its own. A file that is
  /// written again keeps its objects and their order; comments in it are lost.
  func store(_ value: JSONValue) throws -> Outcome {
    let manifest = Manifest(value: value, file: Self.fileName(for: value), line: 1)
    let contents = directory.read()
    guard let earlier = contents.manifests.first(where: { $0.identity == manifest.identity }) else {
      let taken = Set(contents.manifests.map(\.file)).union(contents.problems.map(\.file))
      try write([value], to: Self.free(manifest.file, among: taken))
      return .created
    }
    if earlier.value == value { return .unchanged }
    let objects = try objects(of: earlier.file, in: contents)
    try write(objects.map { $0.identity == manifest.identity ? value : $0.value }, to: earlier.file)
    return .configured
  }

  /// False when the directory has no such object.
  func remove(_ identity: ManifestIdentity) throws -> Bool {
    let contents = directory.read()
    guard let found = contents.manifests.first(where: { $0.identity == identity }) else { return false }
    let rest = try objects(of: found.file, in: contents).filter { $0.identity != identity }
    if rest.isEmpty {
      guard unlink(directory.path + "/" + found.file) == 0 else { throw failure(found.file, "be removed") }
    } else {
      try write(rest.map(\.value), to: found.file)
    }
    return true
  }

  private func objects(of file: String, in contents: StandaloneDirectory.Contents) throws -> [Manifest] {
    if let problem = contents.problems.first(where: { $0.file == file }) { throw problem }
    return contents.manifests.filter { $0.file == file }
  }

  /// Durable and whole: a hidden file, flushed, then renamed over the name.
  private func write(_ objects: [JSONValue], to file: String) throws {
    let text = objects.map(YAMLWriter.text).joined(separator: "---\n")
    let path = directory.path + "/" + file
    let parent = file.split(separator: "/").dropLast().map { $0 + "/" }.joined()
    let temporary = "\(directory.path)/\(parent).clonegate-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failure(file, "be written") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
      rename(temporary, path) == 0
    else {
      let problem = failure(file, "be written")
      unlink(temporary)
      throw problem
    }
  }

  private func failure(_ file: String, _ what: String) -> ManifestProblem {
    ManifestProblem(file: directory.path + "/" + file, message: "cannot \(what) (\(SystemError.text(errno)))")
  }

  /// `kind.namespace.name.yaml`, with what a file name should not have replaced.
  private static func fileName(for value: JSONValue) -> String {
    let manifest = Manifest(value: value, file: "", line: 1)
    let parts = [manifest.kind.lowercased(), manifest.namespace, manifest.name].filter { !$0.isEmpty }
    let name = parts.joined(separator: ".").map {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_"
    }
    return String(name.prefix(200)) + ".yaml"
  }

  private static func free(_ name: String, among taken: Set<String>) -> String {
    guard taken.contains(name) else { return name }
    let stem = name.dropLast(".yaml".count)
    return (2...).lazy.map { "\(stem)-\($0).yaml" }.first { !taken.contains($0) }!
  }
}
