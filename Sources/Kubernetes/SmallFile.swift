internal import Glibc

/// Reads the small files that credentials live in.
enum SmallFile {
  /// A CA bundle of every public authority is 250 KB; tokens and keys are under 10 KB.
  static let maximumBytes = 1 << 20

  /// Reads a whole file. Links are followed: the kubelet swaps a link to replace all files at once.
  static func read(_ path: String) throws(KubernetesError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path, errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw .unreadable(path, errno) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= maximumBytes else {
        throw .unusable("\(path) is larger than \(maximumBytes) bytes; it holds no credential")
      }
    }
  }
}

/// A file that holds one token.
enum TokenFile {
  static func read(_ path: String) throws(KubernetesError) -> String {
    let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
    return try BearerToken.checked(text, from: path)
  }
}

/// What follows `Bearer` in a request.
enum BearerToken {
  /// Trims the ends and refuses what cannot stand in a field of HTTP.
  static func checked(_ text: String, from place: String) throws(KubernetesError) -> String {
    let space: Set<Character> = [" ", "\n", "\r", "\r\n", "\t"]
    var token = text[...]
    while let last = token.last, space.contains(last) { token.removeLast() }
    while let first = token.first, space.contains(first) { token.removeFirst() }
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw .unusable("\(place) holds no token")
    }
    return String(token)
  }
}

extension KubernetesError {
  fileprivate static func unreadable(_ path: String, _ number: Int32) -> Self {
    let reason = strerror(number).map { String(cString: $0) } ?? "errno \(number)"
    return .unusable("cannot read \(path): \(reason)")
  }
}
