extension DigestList {
  /// Longest text that is read: `mostRuns` lines of an offset and 64 digits, with room to spare.
  static let mostTextBytes = 8 << 20
  private static let title = "clonegate digests 1"

  package var text: String {
    var lines = [Self.title, "digest \(digest)", "length \(length)", "run \(runBytes)"]
    for (run, node) in nodes.enumerated() {
      lines.append("\(range(run).lowerBound) \(Hexadecimal.text(node.bytes))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Why a text is no list that can be believed.
  struct Problem: Error, Equatable {
    /// Counted from 1.
    let line: Int
    let message: String
  }

  /// Reads the text form. A list whose nodes do not fold to its digest is refused.
  init(text: [UInt8]) throws(Problem) {
    var reader = Reader(text)
    guard try reader.line() == Self.title else {
      throw Problem(line: 1, message: "this is no list of digests: it does not begin with '\(Self.title)'")
    }
    guard let digest = TreeDigest(try reader.word(after: "digest")) else {
      throw reader.problem("'digest' is not followed by tree-sha256: and 64 hexadecimal digits")
    }
    let length = try reader.number(after: "length")
    let run = try reader.number(after: "run")
    guard run >= CopyLimits.segmentBytes, run.nonzeroBitCount == 1 else {
      throw reader.problem("a run is a power of two of at least \(CopyLimits.segmentBytes) bytes")
    }
    let count = Self.runs(of: length, by: run)
    guard count <= Self.mostRuns else {
      throw reader.problem("\(count) runs are more than \(Self.mostRuns): make the list with longer runs")
    }
    var nodes: [Sha256.Value] = []
    for index in 0..<count { nodes.append(try reader.node(at: index * run)) }
    try reader.end()
    self.init(length: length, runBytes: run, nodes: nodes)
    guard self.digest == digest else {
      throw Problem(line: 2, message: "the runs do not fold to \(digest): a digest in it was changed")
    }
  }

  /// Takes the text line by line.
  private struct Reader {
    private var lines: [ArraySlice<UInt8>]
    private var taken = 0

    init(_ text: [UInt8]) {
      lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    func problem(_ message: String) -> Problem { Problem(line: taken, message: message) }

    /// The last line must end too: a list that was cut off does not pass.
    mutating func line() throws(Problem) -> String {
      guard taken < lines.count - 1 else {
        throw Problem(line: lines.count, message: "the list ends too early")
      }
      taken += 1
      return String(decoding: lines[taken - 1], as: UTF8.self)
    }

    mutating func end() throws(Problem) {
      guard taken == lines.count - 1, lines[taken].isEmpty else {
        throw Problem(line: taken + 1, message: "more follows than the length has runs")
      }
    }

    mutating func word(after name: String) throws(Problem) -> String {
      let line = try line()
      guard line.hasPrefix(name + " ") else { throw problem("'\(name)' is missing") }
      return String(line.dropFirst(name.count + 1))
    }

    /// A count of bytes: digits only, at most 2^63 - 1.
    mutating func number(after name: String) throws(Problem) -> Int64 {
      let word = try word(after: name)
      let isDigits = word.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      guard isDigits, let number = Int64(word) else {
        throw problem("'\(name)' is not followed by a number of bytes")
      }
      return number
    }

    mutating func node(at offset: Int64) throws(Problem) -> Sha256.Value {
      let digits = try word(after: "\(offset)")
      guard let bytes = Hexadecimal.bytes(digits), let node = Sha256.Value(bytes: bytes) else {
        throw problem("offset \(offset) is not followed by 64 hexadecimal digits")
      }
      return node
    }
  }
}
