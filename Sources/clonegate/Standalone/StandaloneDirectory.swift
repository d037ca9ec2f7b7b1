import Glibc
import JSON

/// A directory of ordinary Kubernetes YAML: what a single machine has in place of an API server. It is read
/// whole; the caller decides what to do with what it finds. Files end in `.yaml`, `.yml` or `.json`; names
/// that begin with a dot are left out, so that editors and mounted ConfigMaps may keep their own files
/// there. Links are followed only while they stay inside.
struct StandaloneDirectory: Sendable {
  let path: String
  var limits = StandaloneLimits()

  init(path: String) { self.path = path }

  /// The directory that `--standalone` names, by its real path.
  static func existing(_ path: String) throws(CommandFailure) -> StandaloneDirectory {
    guard let handle = opendir(path), let resolved = realpath(path, nil) else {
      throw .failed("--standalone \(path): \(SystemError.text(errno))", hint: "name a directory that exists")
    }
    defer {
      closedir(handle)
      free(resolved)
    }
    return StandaloneDirectory(path: String(cString: resolved))
  }

  /// Everything that was read. With a problem, `manifests` is what could be read all the same: good for
  /// listing, never for judging.
  struct Contents: Sendable {
    var manifests: [Manifest] = []
    var problems: [ManifestProblem] = []
    var objects: [JSONValue] { manifests.map(\.value) }
  }

  /// The relative paths of the files and their stamps; equal listings mean that nothing was written in
  /// between.
  func listing() throws(ManifestProblem) -> [String: FileStamp] {
    try DirectoryWalk(root: path, limits: limits).files()
  }

  func read() -> Contents {
    var contents = Contents()
    do throws(ManifestProblem) {
      var bytes = 0
      for file in try listing().keys.sorted() {
        bytes += read(file, into: &contents)
        guard bytes <= limits.maxBytes else {
          throw ManifestProblem(file: path, message: "all files together exceed \(limits.maxBytes) bytes")
        }
      }
      contents.problems += repetitions(in: contents.manifests)
    } catch {
      contents.problems.append(error)
    }
    return contents
  }

  /// Adds a file's objects, or its problem; returns how many bytes it had.
  private func read(_ file: String, into contents: inout Contents) -> Int {
    do throws(ManifestProblem) {
      let text = try RegularFile.read(file, beneath: path, maxBytes: limits.yaml.maxBytes)
      contents.manifests += try Manifest.read(text, file: file, limits: limits.yaml)
      return text.count
    } catch {
      contents.problems.append(error)
      return 0
    }
  }

  /// An object given in two places has no single meaning; neither copy may win by the order of file names.
  private func repetitions(in manifests: [Manifest]) -> [ManifestProblem] {
    var first: [ManifestIdentity: Manifest] = [:]
    return manifests.compactMap { manifest in
      guard let earlier = first.updateValue(manifest, forKey: manifest.identity) else { return nil }
      return ManifestProblem(
        file: manifest.file,
        message: "\(manifest.identity) is also given in \(earlier.file):\(earlier.line)", line: manifest.line)
    }
  }
}

/// What the whole directory may cost.
struct StandaloneLimits: Sendable {
  var yaml = YAMLLimits()
  /// Files; looked at four times a second, so that their number bounds what an idle gate costs.
  var maxFiles = 10_000
  /// Bytes of all files together, to bound memory: YAML takes about ten times its size as values.
  var maxBytes = 64 << 20
  /// Directories below the first.
  var maxDepth = 8
}
