private import Glibc

/// Small text files that the kernel makes (`/proc`, `/sys`), and the names in a folder.
enum SystemFile {
  /// Longest file read: `/proc/self/mountinfo` of a busy node stays well below.
  private static let mostBytes = 4 << 20

  static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < mostBytes {
      let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress!, buffer.count))
      }
      guard !chunk.isEmpty else { break }
      bytes += chunk
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func line(_ path: String) -> String? {
    text(path).map { String($0.prefix { $0 != "\n" }) }
  }

  /// The names that are wanted; `most`: no more than so many, however many there are.
  static func names(
    in path: String, most: Int = .max, where isWanted: (String) -> Bool = { _ in true }
  ) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < most, let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != "..", isWanted(name) { names.append(name) }
    }
    return names
  }

  /// Where a link of the kernel's points to.
  static func link(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
