import Glibc
import Testing
import VolumeCopy

struct InjectedFault: Sendable, CustomTestStringConvertible {
  let call: String
  let errno: Int32
  let code: CopyError.Code
  let side: CopySide
  let retryable: Bool
  let words: [String]

  var testDescription: String { "\(call) \(words[0])" }

  static let all: [InjectedFault] = [
    .init(
      call: "write", errno: ENOSPC, code: .noSpace, side: .target, retryable: true,
      words: ["ENOSPC", "pwrite", "offset 4194304"]),
    .init(
      call: "write", errno: EDQUOT, code: .noSpace, side: .target, retryable: true,
      words: ["EDQUOT", "pwrite"]),
    .init(
      call: "write", errno: EFBIG, code: .noSpace, side: .target, retryable: false,
      words: ["EFBIG", "pwrite"]),
    .init(
      call: "write", errno: EROFS, code: .permission, side: .target, retryable: false,
      words: ["EROFS", "pwrite"]),
    .init(
      call: "write", errno: EIO, code: .writeFailed, side: .target, retryable: true,
      words: ["EIO", "pwrite"]),
    .init(
      call: "write", errno: ENODEV, code: .deviceGone, side: .target, retryable: true,
      words: ["ENODEV", "pwrite"]),
    .init(
      call: "read-source", errno: EIO, code: .readFailed, side: .source, retryable: false,
      words: ["EIO", "pread", "offset 4194304"]),
    .init(
      call: "read-source", errno: ENXIO, code: .deviceGone, side: .source, retryable: true,
      words: ["ENXIO", "pread"]),
    .init(
      call: "resize", errno: EFBIG, code: .noSpace, side: .target, retryable: false,
      words: ["EFBIG", "ftruncate"]),
    .init(
      call: "flush", errno: EIO, code: .flushFailed, side: .target, retryable: true, words: ["EIO", "fsync"]),
    .init(
      call: "flush", errno: ENOSPC, code: .noSpace, side: .target, retryable: true,
      words: ["ENOSPC", "fsync"]),
    .init(
      call: "wait", errno: EIO, code: .flushFailed, side: .target, retryable: true,
      words: ["EIO", "sync_file_range"]),
  ]
}

@Suite struct `A fault` {
  let scratch = Scratch()

  @Test(arguments: InjectedFault.all)
  func `is told with side, call, error and place, and leaves no half file`(
    fault: InjectedFault
  ) throws {
    let image = scratch.image("s", size: 8 << 20, [(0, Noise.bytes(8 << 20))])
    let recorder = Recorder(
      .init(call: fault.call, errno: fault.errno, from: fault.call == "resize" ? 0 : 4 << 20))
    let flushing = fault.call == "flush" ? Recorder(.init(call: "flush", errno: fault.errno)) : recorder
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(scratch.file("t")), calls: flushing.calls) {
        $0.allowsReflink = false
        $0.threads = 1
      }
    }
    let found = try #require(error)
    #expect(found.code == fault.code && found.side == fault.side && found.errno == fault.errno)
    #expect(found.retryable == fault.retryable)
    for word in fault.words { #expect(found.message.contains(word), "\(found.message)") }
    #expect(!found.remedy.isEmpty)
    #expect(scratch.names == ["s"])
  }

  @Test func `in a source range is skipped only on request, and listed`() throws {
    let image = scratch.image("s", size: 2 << 20, [(0, Noise.bytes(2 << 20))])
    let recorder = Recorder(.init(call: "read-source", errno: EIO, from: 1 << 20, upTo: (1 << 20) + 8192))
    let report = try copy(.file(image), .file(scratch.file("t")), calls: recorder.calls) {
      $0.skipsBadRanges = true
      $0.allowsReflink = false
    }
    var expected = scratch.bytes(image)
    for at in (1 << 20)..<(1 << 20) + 8192 { expected[at] = 0 }
    #expect(scratch.bytes(scratch.file("t")) == expected)
    #expect(report.badRanges.map { [$0.offset, $0.length] } == [[1 << 20, 8192]])
  }

  @Test func `of a flipped bit anywhere in the target is found by reading back`() throws {
    let image = scratch.image("s", size: 12 << 20, [(0, Noise.bytes(12 << 20))])
    for at: Int64 in [0, 5 << 20, (12 << 20) - 1] {
      let path = scratch.file("t")
      var calls = DiskCalls.system
      calls.write = { descriptor, bytes, count, offset in
        guard offset <= at, at < offset + Int64(count) else {
          return DiskCalls.system.write(descriptor, bytes, count, offset)
        }
        let copy = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        defer { copy.deallocate() }
        copy.copyMemory(from: bytes, byteCount: count)
        (copy + Int(at - offset)).assumingMemoryBound(to: UInt8.self).pointee ^= 0x10
        return DiskCalls.system.write(descriptor, copy, count, offset)
      }
      let error = #expect(throws: CopyError.self) {
        try copy(.file(image), .file(path), calls: calls) {
          $0.verification = .read
          $0.allowsReflink = false
        }
      }
      #expect(error?.code == .mismatch && error?.offset == at / 4096 * 4096)
      #expect(!scratch.names.contains("t"))
    }
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of old bytes left beyond the image is found by reading back`() throws {
    let image = scratch.image("s", size: 8 << 20, [(0, Noise.bytes(8 << 20))])
    let device = try scratch.loop(scratch.image("d", size: 24 << 20, [(20 << 20, Noise.bytes(4096))]))
    var calls = DiskCalls.system
    // A device that says it zeroed and did not.
    calls.zero = { _, _, _, _ in 0 }
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .device(device), calls: calls) { $0.verification = .read }
    }
    #expect(error?.code == .mismatch && error?.offset == 20 << 20)
    #expect(error?.message.contains("does not read zero beyond the image: first at offset 20971520") == true)
    #expect(scratch.bytes(device, 0..<4096).allSatisfy { $0 == 0 }, "the head must not look bootable")
  }

  /// Old bytes beyond the image are zeroed before anything is copied.
  @Test(.enabled(if: Machine.canMount, Machine.needsRoot), arguments: ["write", "blockZero"])
  func `of a device that cannot punch does not delay a cancellation`(way: String) throws {
    let image = scratch.image("s", size: 4 << 20)
    let device = try scratch.loop(scratch.image("d", size: 132 << 20))
    let recorder = Recorder(
      .init(call: "punch", errno: EOPNOTSUPP),
      .init(call: "blockZero", errno: EOPNOTSUPP, times: way == "write" ? .max : 0))
    let error = #expect(throws: CopyError.self) {
      try copy(
        .file(image), .device(device), calls: recorder.calls,
        events: CopyEvents(isCancelled: { recorder.bytes(way) >= 8 << 20 }))
    }
    #expect(error?.code == .cancelled)
    #expect(recorder.bytes(way) <= 12 << 20)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a full file system is refused before byte 1, with both numbers`() throws {
    let image = scratch.image("s", size: 64 << 20, [(0, Noise.bytes(32 << 20))])
    let mount = try scratch.mount("ext4", megabytes: 16)
    let error = #expect(throws: CopyError.self) { try copy(.file(image), .file(mount + "/t")) }
    #expect(error?.code == .doesNotFit && error?.message.contains("33554432") == true)
    let whole = #expect(throws: CopyError.self) {
      try copy(.file(image), .file(mount + "/t")) { $0.preallocation = .unwritten }
    }
    #expect(whole?.code == .doesNotFit && whole?.message.contains("67108864") == true)
    #expect(try Shell.run("ls", [mount]) == "lost+found\n")
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a device whose storage fills is told, and the copy goes on once there is room`() throws {
    let mount = try scratch.mount("ext4", megabytes: 160)
    try Shell.run("fallocate", ["-l", "90M", mount + "/ballast"])
    try Shell.run("truncate", ["-s", "96M", mount + "/disk"])
    let device = try scratch.loop(mount + "/disk")
    let image = scratch.image("s", size: 96 << 20, [(0, Noise.bytes(90 << 20))])
    var last: CopyCheckpoint?
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .device(device), events: CopyEvents(checkpoint: { last = $0 })) {
        $0.checkpointInterval = 16 << 20
        $0.threads = 1
      }
    }
    #expect(error?.side == .target && error?.retryable == true)
    #expect(scratch.bytes(device, 0..<4096).allSatisfy { $0 == 0 }, "the head must not look bootable")
    // Repaired: there is room again.
    try Shell.run("rm", [mount + "/ballast"])
    try Shell.run("sync", ["-f", mount])
    _ = try copy(.file(image), .device(device), resuming: last) { $0.verification = .read }
    #expect(scratch.bytes(device) == scratch.bytes(image))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a device that shrinks under the copy is told`() throws {
    let disk = scratch.image("d", size: 32 << 20)
    let device = try scratch.loop(disk)
    let image = scratch.image("s", size: 32 << 20, [(0, Noise.bytes(32 << 20))])
    var shrunk = false
    // Slow until it has shrunk: what is written before makes the file grow again.
    let limit = RateLimiter(bytesPerSecond: 1 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .file(image), .device(device),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !shrunk else { return }
          shrunk = true
          truncate(disk, 8 << 20)
          do { try Shell.run("losetup", ["-c", device]) } catch { Issue.record(error) }
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(error?.side == .target && [.noSpace, .flushFailed, .writeFailed].contains(error!.code))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `of a read-only file system or device is told before byte 1`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    let mount = try scratch.mount("ext4", megabytes: 16, options: "ro")
    let file = #expect(throws: CopyError.self) { try copy(.file(image), .file(mount + "/t")) }
    #expect(file?.code == .permission && file?.errno == EROFS)
    let device = try scratch.loop(scratch.image("d", size: 1 << 20), readOnly: true)
    let block = #expect(throws: CopyError.self) { try copy(.file(image), .device(device)) }
    #expect(block?.code == .permission)
    // A read-only source is nobody's fault.
    _ = try copy(.device(device), .file(scratch.file("t")))
    #expect(scratch.bytes(scratch.file("t")).allSatisfy { $0 == 0 })
  }
}
