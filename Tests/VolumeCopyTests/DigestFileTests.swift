import Foundation
import Glibc
import Testing
import VolumeCopy

/// A way to spoil a list, and what must be said of it.
struct SpoiledList: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let says: String
  /// Gets the lines of a good list of three runs, each without its line feed.
  let spoil: @Sendable (inout [String]) -> Void

  init(_ name: String, _ says: String, _ spoil: @escaping @Sendable (inout [String]) -> Void) {
    (testDescription, self.says, self.spoil) = (name, says, spoil)
  }

  static let all: [SpoiledList] = [
    .init("another file", "line 1: this is no list of digests") { $0[0] = "%PDF-1.7" },
    .init("a later version", "line 1: this is no list of digests") { $0[0] = "clonegate digests 2" },
    .init("a digest of another kind", "line 2: 'digest' is not followed by") { $0[1] = "digest sha256:00" },
    .init("a character beside the digits", "line 5: offset 0 is not followed by 64") {
      $0[4] = String($0[4].dropLast()) + "`"
    },
    .init("a negative length", "line 3: 'length' is not followed by a number") { $0[2] = "length -1" },
    .init("a length beyond 2^63", "line 3: 'length' is not") { $0[2] = "length 9223372036854775808" },
    .init("the greatest length", "runs are more than 65536") { $0[2] = "length 9223372036854775807" },
    .init("a run of no bytes", "line 4: a run is a power of two") { $0[3] = "run 0" },
    .init("a run that is too short", "line 4: a run is a power of two") { $0[3] = "run 2097152" },
    .init("a run that is no power of two", "line 4: a run is a power of two") { $0[3] = "run 6291456" },
    .init("a run as long as can be", "line 6: more follows") { $0[3] = "run 4611686018427387904" },
    .init("two runs exchanged", "line 5: '0' is missing") { $0.swapAt(4, 5) },
    .init("a digest that is too short", "line 5: offset 0 is not followed by 64") { $0[4].removeLast(2) },
    .init("a changed digest", "line 2: the runs do not fold to tree-sha256:") {
      $0[5] = "4194304 " + String(repeating: "0", count: 64)
    },
    .init("another length", "line 2: the runs do not fold to") { $0[2] = "length 9437185" },
    .init("a run that is missing", "line 7: the list ends too early") { $0.remove(at: 6) },
    .init("one run more", "line 8: more follows") { $0.insert($0[6], at: 7) },
    .init("a cut in the last line", "line 7: the list ends too early") {
      $0.removeLast()
      $0[6].removeLast()
    },
    .init("nothing", "line 1: the list ends too early") { $0 = [""] },
  ]
}

@Suite struct `The file of a list` {
  let scratch = Scratch()

  private func list() throws -> DigestList {
    try Comparison.digests(of: .file(scratch.image("s", size: 9 << 20, [(1, Noise.bytes(77))])))
  }

  private func refusal(_ path: String) -> CopyError? {
    #expect(throws: CopyError.self) { try DigestFile.read(path) }
  }

  @Test(arguments: SpoiledList.all) func `is not believed when it is`(spoiled: SpoiledList) throws {
    var lines = try list().text.components(separatedBy: "\n")
    #expect(lines.count == 8)
    spoiled.spoil(&lines)
    let path = scratch.image("l", size: 0, [(0, Array(lines.joined(separator: "\n").utf8))])
    let error = refusal(path)
    #expect(error?.code == .digestList)
    #expect(error?.message.contains(spoiled.says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains(path) == true)
  }

  @Test func `is read up to 8 MiB, and no further`() throws {
    let path = scratch.image("l", size: 1 << 40)
    #expect(refusal(path)?.message.contains("larger than 8388608 bytes") == true)
  }

  @Test func `is never read through a link, from a fifo or a folder`() throws {
    try DigestFile(scratch.file("l")).write(list())
    #expect(symlink(scratch.file("l"), scratch.file("link")) == 0)
    #expect(mkfifo(scratch.file("fifo"), 0o600) == 0)
    for name in ["link", "fifo", "."] {
      #expect(refusal(scratch.file(name))?.message.contains("is not a regular file") == true)
    }
    #expect(refusal(scratch.file("none"))?.errno == ENOENT)
  }

  @Test func `takes nobody's place, before anything is done and after`() throws {
    let list = try list()
    #expect(symlink("nowhere", scratch.file("link")) == 0)
    let first = try DigestFile(scratch.file("l"))
    try first.write(list)
    for name in ["l", "link"] {
      #expect(throws: CopyError.self) { try DigestFile(scratch.file(name)) }
    }
    // The name was free when it was looked at.
    #expect(throws: CopyError.self) { try first.write(list) }
    #expect(scratch.names.filter { !$0.hasSuffix("-lock") } == ["l", "link", "s"])
  }
}
