import Glibc

/// Finds the manifest files beneath a directory, without reading them and without walking through links.
struct DirectoryWalk {
  let root: String
  let limits: StandaloneLimits

  /// Relative path to stamp. A link to a file is stamped as what it points at, so that a mounted ConfigMap,
  /// which swaps a link, is seen to change.
  func files() throws(ManifestProblem) -> [String: FileStamp] {
    var found: [String: FileStamp] = [:]
    try walk("", depth: 0, into: &found)
    return found
  }

  private func walk(_ folder: String, depth: Int, into found: inout [String: FileStamp])
    throws(ManifestProblem)
  {
    for name in try names(in: folder) where !name.hasPrefix(".") {
      let relative = folder.isEmpty ? name : folder + "/" + name
      var status = stat()
      guard lstat(root + "/" + relative, &status) == 0 else {
        // Gone since it was listed. Whatever else is in the way must not pass for an empty directory.
        if errno == ENOENT { continue }
        throw ManifestProblem(file: relative, message: "cannot be looked at (\(SystemError.text(errno)))")
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        guard depth < limits.maxDepth else {
          throw ManifestProblem(file: relative, message: "deeper than \(limits.maxDepth) directories")
        }
        try walk(relative, depth: depth + 1, into: &found)
      } else if Self.isManifest(name) {
        found[relative] = FileStamp(path: root + "/" + relative) ?? FileStamp(status)
      }
    }
    guard found.count <= limits.maxFiles else {
      throw ManifestProblem(file: root, message: "more than \(limits.maxFiles) files")
    }
  }

  private static func isManifest(_ name: String) -> Bool {
    [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }

  private func names(in folder: String) throws(ManifestProblem) -> [String] {
    let path = folder.isEmpty ? root : root + "/" + folder
    guard let directory = opendir(path) else {
      throw ManifestProblem(file: path, message: "the directory cannot be read (\(SystemError.text(errno)))")
    }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
      }
      guard let name else { throw ManifestProblem(file: path, message: "a name in it is not UTF-8") }
      names.append(name)
      errno = 0
    }
    guard errno == 0 else {
      throw ManifestProblem(file: path, message: "cannot be read whole (\(SystemError.text(errno)))")
    }
    return names
  }
}
