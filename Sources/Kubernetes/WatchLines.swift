internal import JSON

/// Cuts a watch's bytes into lines, one event each, however the bytes are split.
struct WatchLines {
  private let limit: Int
  private var rest: [UInt8] = []

  /// - Parameter limit: bytes of one line.
  init(limit: Int = KubernetesLimits.watchLine.maxBytes) { self.limit = limit }

  /// The lines that `bytes` complete, without their ends.
  mutating func read(_ bytes: [UInt8]) throws(KubernetesError) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0a) {
      try check(rest.count + end - start)
      let line = rest + bytes[start..<end]
      rest = []
      if !line.isEmpty { lines.append(line) }
      start = end + 1
    }
    try check(rest.count + bytes.count - start)
    rest += bytes[start...]
    return lines
  }

  private func check(_ count: Int) throws(KubernetesError) {
    guard count <= limit else {
      throw KubernetesError(.malformed, message: "an event of a watch is over \(limit) bytes")
    }
  }
}
