import Glibc
import Testing
import VolumeCopy

@Suite struct `A copy` {
  let scratch = Scratch()

  /// Data at odd places, zero runs inside data, holes, and a size that is no multiple of anything.
  private func mixedImage(_ name: String, size: Int64 = (9 << 20) + 12345) -> String {
    scratch.image(
      name, size: size,
      [
        (0, Noise.bytes(5000)), (300_000, Noise.bytes(700_000, seed: 2)),
        (2 << 20, [UInt8](repeating: 0, count: 1 << 20)),
        (5 << 20, Noise.bytes(64 << 10, seed: 3)), (size - 10, Noise.bytes(10, seed: 4)),
      ])
  }

  @Test func `of a directory holds disk.img, byte for byte, under its final name only`() throws {
    try Shell.run("mkdir", [scratch.file("a"), scratch.file("b")])
    let image = mixedImage("a/disk.img")
    let report = try copy(.directory(scratch.file("a")), .directory(scratch.file("b"))) { $0.key = "uid/one" }
    #expect(scratch.bytes(image) == scratch.bytes(scratch.file("b/disk.img")))
    #expect(try Shell.run("ls", ["-A", scratch.file("b")]) == "disk.img\n")
    #expect(report.progress.finished == report.progress.total && report.progress.percent == 100)
  }

  @Test(arguments: [0, 1, 4095, 4096, 65535, 65536, 65537, 262_144, 4 << 20, (4 << 20) + 1, (8 << 20) + 4097])
  func `of any size is equal and has the digest that its definition gives`(size: Int64) throws {
    let image = scratch.image(
      "s", size: size, size > 2 ? [(size / 2, Noise.bytes(Int(size - size / 2)))] : [])
    let report = try copy(.file(image), .file(scratch.file("t"))) {
      $0.verification = .read
      $0.wholeImageSHA256 = true
    }
    #expect(scratch.bytes(image) == scratch.bytes(scratch.file("t")))
    #expect(try report.digest == Reference.treeDigest(image))
    #expect(report.verifiedByReading)
    let sum = try Shell.run("sha256sum", [image]).prefix(64)
    #expect(report.sha256 == String(sum))
  }

  @Test func `has more threads where a digest would wait for a device, unless they are counted`() {
    var options = CopyOptions()
    let usual = options.copyThreads(touchingDevice: false)
    #expect(1...4 ~= usual)
    #expect(options.copyThreads(touchingDevice: true) == usual + (usual + 1) / 2)
    options.verification = .off
    #expect(options.copyThreads(touchingDevice: true) == usual)
    (options.verification, options.threads) = (.read, 2)
    #expect(options.copyThreads(touchingDevice: true) == 2)
  }

  @Test func `allocates only the granules that hold something`() throws {
    let image = mixedImage("s")
    let report = try copy(.file(image), .file(scratch.file("t"))) { $0.allowsReflink = false }
    // 5000 bytes: 2 granules; 700000 at 300000: 172; 64 KiB: 16; the last 10: 1 (the megabyte of zeroes:
    // none).
    let granules: Int64 = 2 + 172 + 16 + 1
    #expect(Scratch.data(scratch.file("t")) == granules * 4096)
    // The file system's own blocks are counted with the file's where it has it in many pieces.
    #expect(Scratch.allocated(scratch.file("t")) - granules * 4096 <= 64 << 10)
    #expect(report.progress.zero + report.progress.written == report.progress.total)
  }

  @Test(
    .enabled(if: Machine.canMount, Machine.needsRoot),
    arguments: [512, 4096] + (Machine.hasLargeBlocks ? [8192, 65536] : []))
  func `onto a larger device that held old bytes leaves none of them`(sectors: Int) throws {
    let image = mixedImage("s", size: (9 << 20) + 12800)
    let old = [UInt8](repeating: 0xFF, count: 12 << 20)
    let device = try scratch.loop(scratch.image("d", size: 12 << 20, [(0, old)]), sectors: sectors)
    let report = try copy(.file(image), .device(device)) { $0.verification = .read }
    let expected = scratch.bytes(image) + [UInt8](repeating: 0, count: (3 << 20) - 12800)
    #expect(scratch.bytes(device) == expected)
    #expect(report.verifiedByReading)
    let outcome = try Comparison.compare(.file(image), .device(device), direct: true)
    #expect(outcome.difference == nil && outcome.zeroTail == (3 << 20) - 12800)
    // The device's zeroes were punched, not written.
    #expect(Scratch.allocated(scratch.file("d")) < 2 << 20)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `is proven on a device that begins at no block of its file`() throws {
    let image = mixedImage("s", size: 9 << 20)
    let device = try scratch.loop(scratch.image("d", size: (9 << 20) + 1000), offset: 1000)
    let report = try copy(.file(image), .device(device)) { $0.verification = .read }
    #expect(report.verifiedByReading && Scratch.areEqual(image, device))
  }

  @Test func `is proven where a read past the page cache is refused`() throws {
    let image = mixedImage("s")
    let recorder = Recorder(.init(call: "read-target", errno: EINVAL, times: 1))
    let report = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.verification = .read
      $0.allowsReflink = false
    }
    #expect(report.verifiedByReading)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a device becomes a sparse file, and a device again`() throws {
    let image = mixedImage("s", size: 9 << 20)
    let first = try scratch.loop(image)
    _ = try copy(.device(first), .file(scratch.file("t")))
    #expect(scratch.bytes(image) == scratch.bytes(scratch.file("t")))
    #expect(Scratch.allocated(scratch.file("t")) < 1 << 20)
    let second = try scratch.loop(
      scratch.image("d", size: 9 << 20, [(0, [UInt8](repeating: 7, count: 9 << 20))]))
    _ = try copy(.device(first), .device(second))
    #expect(scratch.bytes(second) == scratch.bytes(image))
  }

  @Test func `is refused when a file already has the target's name`() throws {
    let image = mixedImage("s")
    let other = scratch.image("t", size: 5, [(0, [1, 2, 3, 4, 5])])
    let error = #expect(throws: CopyError.self) { try copy(.file(image), .file(other)) }
    #expect(error?.code == .targetExists)
    #expect(scratch.bytes(other) == [1, 2, 3, 4, 5])
  }

  @Test func `removes what copies of lost journals left, where it is told to, and nothing else`() throws {
    let image = mixedImage("s")
    let own = scratch.file("volume")
    mkdir(own, 0o700)
    let lost = ".t.clonegate-0123456789abcdef"
    let others = [
      ".t.clonegate-by-hand", ".t.clonegate-0123456789abcde", ".t.clonegate-0123456789ABCDEF",
      ".u.clonegate-0123456789abcdef", "t.clonegate-0123456789abcdef", ".t.clonegate-0123456789abcdef.x",
    ]
    let link = ".t.clonegate-fedcba9876543210", folder = ".t.clonegate-aaaaaaaaaaaaaaaa"
    for name in others + [lost] { scratch.image("volume/\(name)", size: 1) }
    symlink(image, "\(own)/\(link)")
    mkdir("\(own)/\(folder)", 0o700)
    func there(_ name: String) -> Bool {
      var found = stat()
      return lstat("\(own)/\(name)", &found) == 0
    }
    _ = try copy(.file(image), .file("\(own)/t")) { $0.key = "one" }
    #expect(there(lost), "it was not told to")
    unlink("\(own)/t")
    let report = try copy(.file(image), .file("\(own)/t")) {
      $0.key = "two"
      $0.removesOtherPartials = true
    }
    #expect(!there(lost) && report.notes.contains { $0.hasSuffix("removed: 1") })
    for name in others + [link, folder, "t"] { #expect(there(name), "\(name)") }
    #expect(scratch.bytes("\(own)/t") == scratch.bytes(image))
  }
}
