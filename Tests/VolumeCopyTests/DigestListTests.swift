import Glibc
import Testing
import VolumeCopy

@Suite struct `A list of digests` {
  let scratch = Scratch()
  private static let run: Int64 = 4 << 20
  private static let sizes: [Int64] = [
    0, 1, 65537, run, run + 1, 2 * run + 4097, 5 * run + 65536,
  ]
  private static let holedSize: Int64 = 14 << 20
  /// An offset, and the run that it lies in.
  private static let flips: [(Int64, Int64)] = [
    (0, 0), (run - 1, 0), (run, 1), (9_000_000, 2), (holedSize - 1, 3),
  ]
  /// What is left of the image, and how many of its four runs are not whole then.
  private static let cuts: [(Int64, Int64)] = [
    (0, 4), (1, 4), (run, 3), (run + 1, 3), (holedSize - 1, 1),
  ]

  private func image(_ name: String, size: Int64) -> String {
    scratch.image(name, size: size, size > 2 ? [(size / 2, Noise.bytes(Int(size - size / 2)))] : [])
  }

  /// Data in the first and the fourth run; the second and the third are holes.
  private func holed() -> String {
    scratch.image(
      "s", size: Self.holedSize, [(5000, Noise.bytes(9000)), (13 << 20, Noise.bytes(700, seed: 2))])
  }

  private func list(of path: String) throws -> DigestList { try Comparison.digests(of: .file(path)) }

  @Test(arguments: sizes)
  func `is the one that its definition gives, read or copied`(size: Int64) throws {
    let image = image("s", size: size)
    let expected = try Reference.digestList(image)
    #expect(try list(of: image).text == expected)
    let report = try copy(.file(image), .file(scratch.file("t"))) { $0.listsDigests = true }
    #expect(report.digests?.text == expected)
    #expect(report.digests?.digest.description == report.digest)
  }

  @Test func `knows the runs of holes`() throws {
    let image = holed()
    #expect(try list(of: image).text == Reference.digestList(image))
  }

  @Test func `comes back from its file`() throws {
    let list = try list(of: holed())
    try DigestFile(scratch.file("l")).write(list)
    #expect(try DigestFile.read(scratch.file("l")) == list)
    #expect(scratch.names == ["l", "s"])
  }

  @Test func `of a large image has longer runs, and no more of them`() throws {
    // 300 GiB: 8 MiB runs. The forest made the digest, the list folds to it again when it is read.
    let size: Int64 = 300 << 30
    let image = scratch.image("s", size: size, [(260 << 30, Noise.bytes(100))])
    let list = try list(of: image)
    #expect(list.runBytes == 8 << 20)
    try DigestFile(scratch.file("l")).write(list)
    #expect(try DigestFile.read(scratch.file("l")) == list)
    scratch.image("t", size: size, [(260 << 30, Noise.bytes(100)), ((270 << 30) + (9 << 20), [1])])
    let outcome = try Comparison.compare(.file(scratch.file("t")), with: list)
    let start: Int64 = (270 << 30) + (8 << 20)
    #expect(place(outcome) == start..<start + 2 * Self.run)
    #expect(outcome.differingRuns == 1 && outcome.runs == 38400)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a reflink is made by reading the source`() throws {
    let place = try scratch.mount("btrfs", megabytes: 256)
    let image = scratch.image("mnt-btrfs/s", size: 9 << 20, [(5 << 20, Noise.bytes(4 << 20))])
    let report = try copy(.file(image), .file("\(place)/t")) { $0.listsDigests = true }
    #expect(report.strategy == .reflink)
    #expect(try report.digests?.text == Reference.digestList(image))
    #expect(report.digest == report.digests?.digest.description && !report.verifiedByReading)
  }

  @Test func `is not asked for without a digest`() throws {
    let error = #expect(throws: CopyError.self) {
      try copy(.file(holed()), .file(scratch.file("t"))) {
        $0.listsDigests = true
        $0.verification = .off
      }
    }
    #expect(error?.code == .invalidOption)
  }

  // MARK: - What it finds

  @Test(arguments: flips)
  func `names the run of a flipped bit`(offset: Int64, run: Int64) throws {
    let image = holed()
    let list = try list(of: image)
    flip(image, offset)
    let outcome = try Comparison.compare(.file(image), with: list)
    let start = run * Self.run
    #expect(place(outcome) == start..<min(start + Self.run, Self.holedSize))
    #expect(outcome.differingRuns == 1 && outcome.runs == 4)
  }

  @Test func `names the first of several runs and counts them`() throws {
    let image = holed()
    let list = try list(of: image)
    for offset: Int64 in [13 << 20, 6 << 20, 7 << 20] { flip(image, offset) }
    let outcome = try Comparison.compare(.file(image), with: list)
    #expect(place(outcome) == Self.run..<2 * Self.run)
    #expect(outcome.differingRuns == 2)
  }

  @Test func `is met by a larger volume only if the rest is zero`() throws {
    let image = holed()
    let list = try list(of: image)
    #expect(truncate(image, 20 << 20) == 0)
    var outcome = try Comparison.compare(.file(image), with: list)
    #expect(outcome.difference == nil && outcome.zeroTail == 6 << 20)
    flip(image, 19 << 20)
    outcome = try Comparison.compare(.file(image), with: list)
    #expect(place(outcome) == 19_922_944..<19_927_040)
    #expect(outcome.differingRuns == 0)
  }

  @Test(arguments: cuts)
  func `is not met by a volume that was cut off`(size: Int64, differing: Int64) throws {
    let image = holed()
    let list = try list(of: image)
    #expect(truncate(image, off_t(size)) == 0)
    let outcome = try Comparison.compare(.file(image), with: list)
    #expect(outcome.difference?.offset == (4 - differing) * Self.run)
    #expect(outcome.differingRuns == Int(differing))
  }

  private func place(_ outcome: Comparison.ListOutcome) -> Range<Int64>? {
    outcome.difference.map { $0.offset..<$0.offset + $0.length }
  }

  /// Changes one bit of a file.
  private func flip(_ path: String, _ offset: Int64) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    var byte: UInt8 = 0
    precondition(pread(descriptor, &byte, 1, off_t(offset)) == 1)
    byte ^= 4
    precondition(pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
  }
}
