import Glibc

/// Reads regular files whole, within a bound; never a device, a pipe or a directory.
enum RegularFile {
  /// - Parameters:
  ///   - name: the file; name to `root` if there is one.
  ///   - root: the directory that the file must lie beneath, wherever links lead.
  static func read(
    _ name: String, beneath root: String? = nil, maxBytes: Int
  ) throws(ManifestProblem) -> [UInt8] {
    let path = root.map { $0 + "/" + name } ?? name
    // O_NONBLOCK: a pipe under this name must not hold the reader up; it is refused below.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      throw ManifestProblem(file: name, message: "cannot be opened (\(SystemError.text(errno)))")
    }
    defer { close(descriptor) }
    try check(descriptor, name, maxBytes: maxBytes)
    if let root { try place(descriptor, name, beneath: root) }
    return try contents(descriptor, name, maxBytes: maxBytes)
  }

  private static func check(_ descriptor: Int32, _ name: String, maxBytes: Int) throws(ManifestProblem) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ManifestProblem(file: name, message: "is not a regular file")
    }
    guard status.st_size <= maxBytes else {
      throw ManifestProblem(file: name, message: "\(status.st_size) bytes are more than \(maxBytes)")
    }
  }

  /// The open descriptor is asked where it is, so that nothing can be swapped between the question and the
  /// reading.
  private static func place(_ descriptor: Int32, _ name: String, beneath root: String) throws(ManifestProblem)
  {
    guard let place = resolved("/proc/self/fd/\(descriptor)"), let home = resolved(root) else {
      throw ManifestProblem(file: name, message: "cannot be placed (\(SystemError.text(errno)))")
    }
    guard place.hasPrefix(home == "/" ? home : home + "/") else {
      throw ManifestProblem(file: name, message: "is a link that leaves the directory; it is not followed")
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  private static func contents(
    _ descriptor: Int32, _ name: String, maxBytes: Int
  ) throws(ManifestProblem) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw ManifestProblem(file: name, message: "cannot be read (\(SystemError.text(errno)))")
      }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= maxBytes else {
        throw ManifestProblem(file: name, message: "grew beyond \(maxBytes) bytes while it was read")
      }
    }
  }
}
