import Glibc
import Synchronization
import Testing
import VolumeCopy

@Suite struct `A resumed copy` {
  let scratch = Scratch()
  private static let interval: Int64 = 32 << 20

  private func image(_ megabytes: Int) -> String {
    scratch.image(
      "s", size: Int64(megabytes) << 20,
      (0..<megabytes / 8).map { (Int64($0) << 23, Noise.bytes(3 << 20, seed: UInt64($0))) })
  }

  /// Runs until `reads` bytes were read, then cancels; the last checkpoint.
  private func interrupted(
    _ image: String, _ target: VolumeLocation, after bytes: Int64
  ) -> CopyCheckpoint? {
    var last: CopyCheckpoint?
    let recorder = Recorder()
    let events = CopyEvents(
      checkpoint: { last = $0 },
      isCancelled: { recorder.bytes("read-source") >= bytes })
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), target, calls: recorder.calls, events: events) {
        $0.key = "job"
        $0.allowsReflink = false
        $0.checkpointInterval = Self.interval
        $0.limits = [RateLimiter(bytesPerSecond: 200 << 20)]
      }
    }
    #expect(error?.code == .cancelled)
    return last
  }

  private func resume(
    _ image: String, _ target: VolumeLocation, _ checkpoint: CopyCheckpoint?, _ recorder: Recorder
  ) throws -> CopyReport {
    try copy(.file(image), target, resuming: checkpoint, calls: recorder.calls) {
      $0.key = "job"
      $0.allowsReflink = false
      $0.verification = .read
    }
  }

  /// Damages every byte that no checkpoint promised, as a power cut may.
  private func forget(_ path: String, but checkpoint: CopyCheckpoint?, size: Int64) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    let junk = [UInt8](repeating: 0x5A, count: 1 << 20)
    for offset in stride(from: Int64(0), to: size, by: 1 << 20) {
      let promised = checkpoint?.extents.contains {
        $0.offset <= offset && offset < $0.offset + $0.length
      }
      if promised != true { pwrite(descriptor, junk, Int(min(1 << 20, size - offset)), off_t(offset)) }
    }
    fsync(descriptor)
  }

  @Test(arguments: [40, 65, 100])
  func `believes only what was flushed and told, and copies no more than one interval again`(at: Int) throws {
    let image = image(320)
    let target = VolumeLocation.file(scratch.file("t"))
    let checkpoint = try #require(interrupted(image, target, after: Int64(at) << 20))
    let partial = try #require(scratch.names.first { $0.hasPrefix(".t.clonegate-") })
    #expect(!scratch.names.contains("t"))
    forget(scratch.file(partial), but: checkpoint, size: 320 << 20)
    let recorder = Recorder()
    let report = try resume(image, target, checkpoint, recorder)
    #expect(Scratch.areEqual(image, scratch.file("t")))
    #expect(recorder.bytes("read-source") <= (120 - Int64(at)) << 20 + Self.interval)
    #expect(report.progress.resumed == checkpoint.finishedBytes)
    #expect(try report.digest == Reference.treeDigest(image))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a device shows no head before its end`() throws {
    let image = image(160)
    let device = try scratch.loop(scratch.image("d", size: 170 << 20, [(0, Noise.bytes(1 << 20, seed: 99))]))
    let checkpoint = try #require(interrupted(image, .device(device), after: 40 << 20))
    #expect(scratch.bytes(device, 0..<1 << 20).allSatisfy { $0 == 0 })
    #expect(!checkpoint.extents.contains { $0.offset == 0 })
    forget(device, but: checkpoint, size: 170 << 20)
    _ = try resume(image, .device(device), checkpoint, Recorder())
    #expect(scratch.bytes(device) == scratch.bytes(image) + [UInt8](repeating: 0, count: 10 << 20))
  }

  /// A hole that is written takes as long as data.
  @Test(.enabled(if: Machine.canMount, Machine.needsRoot), arguments: [Preallocation.full, .off])
  func `writes no more than one interval of zeroes again`(preallocation: Preallocation) throws {
    let image = scratch.image("s", size: 160 << 20, [(150 << 20, Noise.bytes(1 << 20))])
    let junk = (0..<20).map { (Int64($0) << 23, Noise.bytes(1 << 20, seed: 99)) }
    let device = try scratch.loop(scratch.image("d", size: 160 << 20, junk))
    var last: CopyCheckpoint?
    func attempt(_ faults: Recorder.Fault..., resuming checkpoint: CopyCheckpoint?) throws -> CopyReport {
      let recorder = Recorder(
        [.init(call: "punch", errno: EOPNOTSUPP), .init(call: "blockZero", errno: EOPNOTSUPP)] + faults)
      return try copy(
        .file(image), .device(device), resuming: checkpoint, calls: recorder.calls,
        events: CopyEvents(checkpoint: { last = $0 })
      ) {
        $0.preallocation = preallocation
        $0.checkpointInterval = Self.interval
      }
    }
    let error = #expect(throws: CopyError.self) {
      try attempt(.init(call: "write", errno: EIO, from: 100 << 20), resuming: nil)
    }
    #expect(error?.call == "pwrite" && error?.errno == EIO)
    let checkpoint = try #require(last)
    #expect(checkpoint.finishedBytes >= (100 << 20) - Self.interval)
    let report = try attempt(resuming: checkpoint)
    #expect(report.progress.resumed == checkpoint.finishedBytes)
    #expect(Scratch.areEqual(image, device))
  }

  @Test func `on another file reads back what the checkpoint claims, and copies what is not so`() throws {
    let image = image(160)
    let target = VolumeLocation.file(scratch.file("t"))
    let checkpoint = try #require(interrupted(image, target, after: 40 << 20))
    let partial = scratch.file(try #require(scratch.names.first { $0.hasPrefix(".t.clonegate-") }))
    try Shell.run("cp", [partial, partial + "2"])
    try Shell.run("mv", [partial + "2", partial])
    // One promised byte is not there. Data begins every 8 MiB.
    let lost = try #require(checkpoint.extents.first { $0.offset % (8 << 20) == 0 })
    try Shell.run(
      "dd",
      ["if=/dev/zero", "of=\(partial)", "bs=1M", "count=1", "seek=\(lost.offset >> 20)", "conv=notrunc"])
    let report = try resume(image, target, checkpoint, Recorder())
    #expect(Scratch.areEqual(image, scratch.file("t")))
    #expect(report.progress.resumed == checkpoint.finishedBytes - lost.length)
  }

  /// The file that an earlier run left is open then, and a refused reflink makes another of its name.
  @Test func `that believes nothing of the earlier run gives the final name to what it wrote`() throws {
    let image = image(160)
    let target = VolumeLocation.file(scratch.file("t"))
    let checkpoint = try #require(interrupted(image, target, after: 40 << 20))
    let unproven = checkpoint.extents.map {
      FinishedExtent(offset: $0.offset, length: $0.length, digest: [])
    }
    var calls = DiskCalls.system
    calls.cloneFile = { _, _ in -Int64(EOPNOTSUPP) }
    let report = try copy(
      .file(image), target,
      resuming: CopyCheckpoint(source: checkpoint.source, target: "elsewhere", extents: unproven),
      calls: calls
    ) {
      $0.key = "job"
      $0.verification = .read
    }
    #expect(report.progress.resumed == 0)
    #expect(Scratch.areEqual(image, scratch.file("t")) && scratch.names == ["s", "t"])
  }

  @Test func `never gives the final name to another's file`() throws {
    let image = image(48)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .file(image), .file(scratch.file("t")),
        events: CopyEvents(checkpoint: { _ in
          let partial = scratch.names.first { $0.hasPrefix(".t.clonegate-") }!
          unlink(scratch.file(partial))
          scratch.image(partial, size: 48 << 20)
        })
      ) { $0.allowsReflink = false }
    }
    #expect(error?.code == .writeFailed && error?.message.contains("replaced") == true)
    #expect(!scratch.names.contains("t"))
  }

  @Test func `starts anew when the source changed`() throws {
    let image = image(160)
    let target = VolumeLocation.file(scratch.file("t"))
    let checkpoint = try #require(interrupted(image, target, after: 40 << 20))
    try Shell.run("touch", [image])
    let report = try resume(image, target, checkpoint, Recorder())
    #expect(report.progress.resumed == 0)
    #expect(Scratch.areEqual(image, scratch.file("t")))
  }

  @Test(arguments: [true, false])
  func `recognises the target that it had already published`(reflink: Bool) throws {
    let image = image(16)
    var last: CopyCheckpoint?
    let recorder = reflink ? nil : Recorder()
    _ = try copy(
      .file(image), .file(scratch.file("t")), calls: recorder?.calls ?? .system,
      events: CopyEvents(checkpoint: { last = $0 }))
    let again = Recorder()
    let report = try copy(.file(image), .file(scratch.file("t")), resuming: last, calls: again.calls)
    // Nothing but the name is made durable: the earlier run may have ended before it was.
    #expect(report.strategy == .nothing && again.operations == ["flush 0+0"])
    #expect(try report.digest == Reference.treeDigest(image))
    // Another file under that name is not ours.
    try Shell.run("cp", [scratch.file("t"), scratch.file("u")])
    try Shell.run("mv", [scratch.file("u"), scratch.file("t")])
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(scratch.file("t")), resuming: last)
    }
    #expect(error?.code == .targetExists)
  }

  @Test(arguments: [false, true])
  func `reads back what was published before, when that is asked for`(isDamaged: Bool) throws {
    let image = image(16)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.allowsReflink = false
    }
    if isDamaged {
      try Shell.run(
        "sh", ["-c", "printf x | dd of=\(scratch.file("t")) bs=1 seek=9000000 conv=notrunc status=none"])
    }
    do {
      let report = try copy(.file(image), .file(scratch.file("t")), resuming: last) {
        $0.verification = .read
      }
      #expect(report.verifiedByReading && !isDamaged)
    } catch {
      // Somebody may use it by now: it keeps its name.
      #expect(error.code == .mismatch && !error.retryable && isDamaged && scratch.names.contains("t"))
    }
  }

  @Test
  func `leaves a disk to the machine that uses it since it was complete`() throws {
    let image = image(16)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.allowsReflink = false
    }
    let machine = open(scratch.file("t"), O_RDWR | O_CLOEXEC)
    defer { close(machine) }
    #expect(pwrite(machine, "x", 1, 9_000_000) == 1)
    let report = try copy(.file(image), .file(scratch.file("t")), resuming: last) {
      $0.verification = .read
    }
    let isSaid = report.notes.contains { $0.contains("it was not read back again") }
    #expect(!report.verifiedByReading && isSaid)
  }

  @Test(arguments: [Verification.digest, .read])
  func `believes what was complete before its source changed`(verification: Verification) throws {
    let image = image(16)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.allowsReflink = false
    }
    let complete = scratch.bytes(scratch.file("t"))
    try Shell.run("sh", ["-c", "printf x | dd of=\(image) bs=1 seek=9000000 conv=notrunc status=none"])
    let report = try copy(.file(image), .file(scratch.file("t")), resuming: last) {
      $0.verification = verification
    }
    #expect(
      report.strategy == .nothing && report.notes == ["the copy was complete before the source changed"])
    #expect(
      scratch.bytes(scratch.file("t")) == complete && report.verifiedByReading == (verification == .read))
    let half = CopyCheckpoint(source: last!.source, target: last!.target, extents: [])
    let early = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(scratch.file("t")), resuming: half)
    }
    #expect(early?.code == .targetExists)
    // Another file of that name is nobody's copy.
    try Shell.run("rm", [scratch.file("t")])
    try Shell.run("cp", [image, scratch.file("t")])
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(scratch.file("t")), resuming: last)
    }
    #expect(error?.code == .targetExists)
  }

  @Test(arguments: [(0, -64), (Int64.max - 10, 64), (64, Int64.max)] as [(Int64, Int64)])
  func `ignores ranges that no image has`(offset: Int64, length: Int64) throws {
    let image = image(1)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.allowsReflink = false
    }
    let digest = [UInt8](repeating: 1, count: 32)
    let damaged = CopyCheckpoint(
      source: try #require(last).source, target: "file:1:2:3",
      extents: [FinishedExtent(offset: offset, length: length, digest: digest)])
    try Shell.run("rm", [scratch.file("t")])
    try Shell.run("cp", [image, scratch.file(".t.clonegate-by-hand")])
    _ = try copy(.file(image), .file(scratch.file("t")), resuming: damaged)
    #expect(scratch.bytes(scratch.file("t")) == scratch.bytes(image))
  }

  @Test func `recognises what it published on a file system that was mounted under another number`() throws {
    let image = image(16)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.allowsReflink = false
    }
    let told = try #require(last)
    var parts = told.target.split(separator: ":").map(String.init)
    parts[1] = "1"
    let moved = CopyCheckpoint(
      source: told.source, target: parts.joined(separator: ":"), extents: told.extents)
    #expect(try copy(.file(image), .file(scratch.file("t")), resuming: moved).strategy == .nothing)
    try Shell.run(
      "sh", ["-c", "printf x | dd of=\(scratch.file("t")) bs=1 seek=9000000 conv=notrunc status=none"])
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(scratch.file("t")), resuming: moved)
    }
    #expect(error?.code == .targetExists)
  }

  @Test func `a checkpoint bears a seal over all that it says`() {
    let extents = [FinishedExtent(offset: 0, length: 64, digest: [1, 2])]
    let told = CopyCheckpoint(source: "s", target: "t", extents: extents)
    let others = [
      CopyCheckpoint(source: "x", target: "t", extents: extents),
      CopyCheckpoint(source: "s", target: "x", extents: extents),
      CopyCheckpoint(
        source: "s", target: "t", extents: [FinishedExtent(offset: 64, length: 64, digest: [1, 2])]),
      CopyCheckpoint(
        source: "s", target: "t", extents: [FinishedExtent(offset: 0, length: 64, digest: [1, 3])]),
    ]
    for other in others { #expect(other.seal != told.seal) }
    #expect(told.withoutExtents == CopyCheckpoint(source: "s", target: "t", extents: []))
  }

  @Test func `ignores a checkpoint that does not fit`() throws {
    let image = image(16)
    var last: CopyCheckpoint?
    _ = try copy(.file(image), .file(scratch.file("t")), events: CopyEvents(checkpoint: { last = $0 })) {
      $0.key = "a"
    }
    let good = try #require(last)
    let odd = CopyCheckpoint(
      source: good.source, target: good.target,
      extents: [FinishedExtent(offset: 4096, length: 1 << 40, digest: [1, 2, 3])])
    let report = try copy(.file(image), .file(scratch.file("u")), resuming: odd) { $0.allowsReflink = false }
    #expect(report.progress.resumed == 0)
    #expect(scratch.bytes(image) == scratch.bytes(scratch.file("u")))
  }

  @Test func `leaves no partial once it was given up`() throws {
    let image = image(160)
    let target = VolumeLocation.file(scratch.file("t"))
    _ = interrupted(image, target, after: 40 << 20)
    #expect(scratch.names.contains { $0.hasPrefix(".t.clonegate-") })
    try Copier.discardPartial(of: target, key: "job")
    #expect(scratch.names == ["s"])
  }
}
