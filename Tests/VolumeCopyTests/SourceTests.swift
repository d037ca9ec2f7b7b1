import Foundation
import Glibc
import Testing
import VolumeCopy

/// Another process that has `path` open as the shell's redirection says, until the body ends.
private func held(_ path: String, _ redirection: String, _ body: (Int32) throws -> Void) throws {
  let holder = Process()
  holder.executableURL = URL(filePath: "/bin/sh")
  holder.arguments = ["-c", "exec 7\(redirection)'\(path)'; echo ready; exec sleep 60"]
  let output = Pipe()
  holder.standardOutput = output
  try holder.run()
  defer {
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
  }
  _ = output.fileHandleForReading.availableData
  // The shell has the file open now; it is named once it has become what it is to be named.
  let name = "/proc/\(holder.processIdentifier)/comm"
  while holder.isRunning, try String(contentsOfFile: name, encoding: .utf8) != "sleep\n" { usleep(1000) }
  try body(holder.processIdentifier)
}

@Suite struct `A source` {
  let scratch = Scratch()

  @Test func `that a process has open for writing waits, with its pid and name`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    try held(image, "<>") { pid in
      let error = #expect(throws: CopyError.self) { try copy(.file(image), .file(scratch.file("t"))) }
      #expect(error?.code == .sourceInUse && error?.retryable == true && error?.side == .source)
      #expect(error?.message.contains("process \(pid) (sleep)") == true, "\(String(describing: error))")
    }
    #expect(scratch.names == ["s"])
    _ = try copy(.file(image), .file(scratch.file("t")))
  }

  @Test func `that others only read is copied`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    try held(image, "<") { _ in _ = try copy(.file(image), .file(scratch.file("t"))) }
  }

  @Test func `that is opened for writing during the copy stops it`() throws {
    let image = scratch.image("s", size: 64 << 20, [(0, Noise.bytes(64 << 20))])
    let writer = Process()
    writer.executableURL = URL(filePath: "/bin/sh")
    writer.arguments = ["-c", "exec 7<>'\(image)'; exec sleep 60"]
    var isStarted = false
    let error = #expect(throws: CopyError.self) {
      try copy(
        .file(image), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !isStarted else { return }
          isStarted = (try? writer.run()) != nil
        })
      ) {
        // The broken lease ends it long before this does.
        $0.limits = [RateLimiter(bytesPerSecond: 1 << 20)]
        $0.allowsReflink = false
      }
    }
    try #require(isStarted)
    kill(writer.processIdentifier, SIGKILL)
    writer.waitUntilExit()
    #expect(error?.code == .sourceChanged && error?.message.contains("opened for writing by") == true)
    #expect(scratch.names == ["s"])
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is mounted, or lies under a loop device, waits with the holder's name`() throws {
    let mount = try scratch.mount("ext4", megabytes: 16)
    let device = try Shell.line("findmnt", ["-no", "SOURCE", mount])
    let mounted = #expect(throws: CopyError.self) { try copy(.device(device), .file(scratch.file("t"))) }
    #expect(mounted?.code == .sourceInUse && mounted?.message.contains("the mount at \(mount)") == true)
    let file = #expect(throws: CopyError.self) {
      try copy(.file(scratch.file("ext4.fs")), .file(scratch.file("t")))
    }
    #expect(file?.code == .sourceInUse && file?.message.contains("block device \(device)") == true)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a device and is written during the copy ends in no success`() throws {
    let device = try scratch.loop(scratch.image("d", size: 32 << 20, [(0, Noise.bytes(32 << 20))]))
    var isWritten = false
    let limit = RateLimiter(bytesPerSecond: 1 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .device(device), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !isWritten else { return }
          isWritten = true
          _ = try? Shell.run("dd", ["if=/dev/zero", "of=\(device)", "bs=4096", "count=1", "conv=fsync"])
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(error?.code == .sourceChanged && error?.message.contains("sectors were written") == true)
    #expect(!scratch.names.contains("t"))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a device and is discarded during the copy ends in no success`() throws {
    let device = try scratch.loop(scratch.image("d", size: 32 << 20, [(0, Noise.bytes(32 << 20))]))
    var isGone = false
    let limit = RateLimiter(bytesPerSecond: 1 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .device(device), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !isGone else { return }
          isGone = true
          _ = try? Shell.run("blkdiscard", ["-o", "0", "-l", "4M", device])
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(error?.code == .sourceChanged && error?.message.contains("discarded") == true)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a device without storage is no empty disk`() throws {
    let device = try scratch.loop(scratch.image("d", size: 1 << 20))
    try Shell.run("losetup", ["-d", device])
    let error = #expect(throws: CopyError.self) { try copy(.device(device), .file(scratch.file("t"))) }
    #expect(error?.code == .notFound && error?.message.contains("measures 0 bytes") == true)
    #expect(error?.retryable == true && !scratch.names.contains("t"))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `whose other half, or whose file, is written to waits, too`() throws {
    let file = scratch.image("d", size: 16 << 20)
    let device = try scratch.loop(file, partitions: true)
    let part = try scratch.partition(of: device)
    for (written, source) in [(device, part), (part, device), (file, device), (file, part)] {
      let held = open(written, O_RDWR | O_CLOEXEC)
      defer { close(held) }
      let error = #expect(throws: CopyError.self) { try copy(.device(source), .file(scratch.file("t"))) }
      #expect(error?.code == .sourceInUse, "\(written) \(String(describing: error))")
    }
    _ = try copy(.device(part), .file(scratch.file("t")))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a partition is copied with what lies where its disk has a hole`() throws {
    let data = Noise.bytes(1 << 20)
    let file = scratch.image("d", size: 32 << 20, [(Int64(9 << 20), data)])
    let device = try scratch.loop(file, partitions: true)
    let first = try scratch.partition(of: device, size: 12 << 20)
    let second = try scratch.partition(of: device, number: 2, start: 16 << 20, size: 12 << 20)
    let report = try copy(.device(first), .file(scratch.file("t"))) { $0.verification = .read }
    let found = scratch.bytes(scratch.file("t"))
    #expect(Array(found[(8 << 20)..<(9 << 20)]) == data && report.verifiedByReading)
    // Another part of the same disk is another volume, also below a loop device, and may be written to.
    for source in [first, try scratch.loop(first)] {
      _ = try copy(.device(source), .device(second)) { $0.verification = .read }
      #expect(scratch.bytes(second) == found)
    }
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a loop device is copied though the name of its file is gone`() throws {
    let file = scratch.image("d", size: 4 << 20, [(Int64(1 << 20), Noise.bytes(1 << 20))])
    let device = try scratch.loop(file)
    let before = scratch.bytes(file)
    try Shell.run("rm", [file])
    _ = try copy(.device(device), .file(scratch.file("t")))
    #expect(scratch.bytes(scratch.file("t")) == before)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a partition and is written through its disk ends in no success`() throws {
    let device = try scratch.loop(
      scratch.image("d", size: 32 << 20, [(0, Noise.bytes(32 << 20))]), partitions: true)
    let part = try scratch.partition(of: device, size: 24 << 20)
    var isWritten = false
    let limit = RateLimiter(bytesPerSecond: 1 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .device(part), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !isWritten else { return }
          isWritten = true
          let words = ["if=/dev/zero", "of=\(device)", "bs=4096", "count=1", "seek=1024", "conv=fsync"]
          _ = try? Shell.run("dd", words)
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(error?.code == .sourceChanged && error?.message.contains("sectors were written") == true)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a loop device whose file is written directly ends in no success`() throws {
    let file = scratch.image("d", size: 32 << 20, [(0, Noise.bytes(32 << 20))])
    let device = try scratch.loop(file)
    var isWritten = false
    let limit = RateLimiter(bytesPerSecond: 1 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .device(device), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, !isWritten else { return }
          let held = open(file, O_WRONLY | O_CLOEXEC)
          isWritten = pwrite(held, "x", 1, 2 << 20) == 1
          close(held)
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(isWritten && error?.code == .sourceChanged, "\(String(describing: error))")
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that says it is larger than any disk is refused, and a huge one is copied`() throws {
    let mount = try scratch.mount("xfs", megabytes: 320)
    try Shell.run("truncate", ["-s", "4P", mount + "/s"])
    let report = try copy(.file(mount + "/s"), .file(mount + "/t"))
    #expect(report.strategy == .reflink && report.progress.finished == 4 << 50)
    try Shell.run("truncate", ["-s", "9223372036854775807", mount + "/s"])
    let error = #expect(throws: CopyError.self) { try copy(.file(mount + "/s"), .file(mount + "/u")) }
    #expect(error?.code == .notAVolume && error?.message.contains("9223372036854775807") == true)
  }

  /// What a writer who came and went left in the device's cache is part of the source, and of no copy.
  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is a device and is written through its cache alone ends in no success`() throws {
    let device = try scratch.loop(scratch.image("d", size: 32 << 20, [(0, Noise.bytes(32 << 20))]))
    var isWritten = false
    // Slow enough to be met when the first segment is done with: what is read afterwards is written back.
    let limit = RateLimiter(bytesPerSecond: 32 << 20)
    let error = #expect(throws: CopyError.self) {
      try copy(
        .device(device), .file(scratch.file("t")),
        events: CopyEvents(progress: { progress in
          guard progress.stage == .copying, progress.read > 20 << 20, !isWritten else { return }
          isWritten = true
          _ = try? Shell.run("dd", ["if=/dev/zero", "of=\(device)", "bs=4096", "count=1"])
          limit.bytesPerSecond = 0
        })
      ) { $0.limits = [limit] }
    }
    #expect(error?.code == .sourceChanged && error?.message.contains("sectors were written") == true)
    #expect(!scratch.names.contains("t"))
  }

  /// An error of the file system is no hole: the copy would be zeroes from there on, and prove itself.
  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `whose map cannot be read is not taken for empty`() throws {
    let mount = try scratch.mount("ext4", megabytes: 64)
    // More extents than an inode holds, so that they lie in a block of their own, which is then damaged.
    let pieces = (0..<512).map { (Int64($0) << 14, Noise.bytes(4096, seed: UInt64($0))) }
    scratch.image("mnt-ext4/s", size: 16 << 20, pieces)
    try Shell.run("umount", [mount])
    let disk = scratch.file("ext4.fs")
    let damage = """
      set -e; size=$(dumpe2fs -h "$1" 2>/dev/null | awk '/^Block size:/ {print $3}')
      map=$(debugfs -R 'ex -n /s' "$1" 2>/dev/null | tail -n 1); leaf=$(awk '{print $(NF - 1)}' <<<"$map")
      dd if=/dev/urandom of="$1" bs="$size" count=1 seek="$leaf" conv=notrunc status=none
      """
    try Shell.run("bash", ["-c", damage, "damage", disk])
    try Shell.run("mount", ["-o", "loop", disk, mount])
    let error = #expect(throws: CopyError.self) {
      try copy(.file(mount + "/s"), .file(scratch.file("t"))) { $0.allowsReflink = false }
    }
    #expect(error?.code == .readFailed && !scratch.names.contains("t"), "\(String(describing: error))")
  }

  @Test func `is never reached through a link, a fifo or a folder that is a link`() throws {
    let image = scratch.image("s", size: 4096)
    try Shell.run("ln", ["-s", image, scratch.file("link")])
    try Shell.run("mkfifo", [scratch.file("fifo")])
    try Shell.run("mkdir", [scratch.file("real")])
    try Shell.run("ln", ["-s", image, scratch.file("real/disk.img")])
    try Shell.run("ln", ["-s", scratch.file("real"), scratch.file("folder")])
    let odd: [VolumeLocation] = [
      .file(scratch.file("link")), .file(scratch.file("fifo")), .directory(scratch.file("real")),
      .directory(scratch.file("folder")), .file(scratch.path), .device(image),
      .directory("folder", beneath: scratch.path),
      .file("../\(image.split(separator: "/").last!)", beneath: scratch.file("real")),
    ]
    for location in odd {
      let error = #expect(throws: CopyError.self) { try copy(location, .file(scratch.file("t"))) }
      #expect(error?.code == .notAVolume, "\(location): \(String(describing: error))")
    }
  }
}

@Suite struct `A target` {
  let scratch = Scratch()

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is smaller than it was declared is refused with both numbers, and the lie is named`() throws {
    let image = scratch.image("s", size: 2_147_483_648)
    let device = try scratch.loop(scratch.image("d", size: 2_097_152_000))
    let error = #expect(throws: CopyError.self) {
      try copy(.file(image), .device(device)) { $0.declaredTargetBytes = 2_147_483_648 }
    }
    #expect(error?.code == .doesNotFit)
    for part in [
      "holds 2097152000 bytes", "has 2147483648", "50331648 bytes short",
      "declared with 2147483648 bytes but measures 2097152000",
    ] { #expect(error?.message.contains(part) == true, "\(String(describing: error))") }
    #expect(Scratch.allocated(scratch.file("d")) == 0)
  }

  @Test func `takes one copy at a time, and says who has it`() throws {
    let image = scratch.image("s", size: 1 << 20, [(0, Noise.bytes(4096))])
    let first = try Copier(source: .file(image), target: .file(scratch.file("t")))
    let error = #expect(throws: CopyError.self) { try copy(.file(image), .file(scratch.file("t"))) }
    #expect(error?.code == .targetBusy && error?.message.contains("process \(getpid())") == true)
    // Another target in the same folder is free.
    _ = try copy(.file(image), .file(scratch.file("u")))
    _ = try first.run()
    #expect(scratch.bytes(scratch.file("t")) == scratch.bytes(image))
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is the source, in whatever clothes, is refused`() throws {
    let image = scratch.image("s", size: 1 << 20)
    let device = try scratch.loop(image, readOnly: true)
    let other = try scratch.loop(image)
    let pairs: [(VolumeLocation, VolumeLocation)] = [
      (.file(image), .file(image)), (.device(other), .device(other)), (.file(image), .device(other)),
      (.device(device), .file(image)), (.device(device), .device(other)),
    ]
    let whole = scratch.image("w", size: 16 << 20)
    let split = try scratch.loop(whole, partitions: true)
    let copied = #expect(throws: CopyError.self) {
      try copy(.device(scratch.partition(of: split)), .device(scratch.loop(whole)))
    }
    #expect(copied?.code == .sameVolume)
    // By what the kernel has open, whatever the name shows: gone, hidden, or another device's.
    let nameless = scratch.image("n", size: 1 << 20, [(0, Noise.bytes(4096))])
    let (one, two) = (try scratch.loop(nameless), try scratch.loop(nameless))
    try Shell.run("rm", [nameless])
    let above = try scratch.loop(one)
    for (source, target) in [(one, two), (one, above), (above, one), (above, two)] {
      let error = #expect(throws: CopyError.self) { try copy(.device(source), .device(target)) }
      #expect(error?.code == .sameVolume, "\(source) to \(target): \(String(describing: error))")
    }
    for (source, target) in pairs {
      let error = #expect(throws: CopyError.self) { try copy(source, target) }
      #expect(error?.code == .sameVolume, "\(source) to \(target): \(String(describing: error))")
    }
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that somebody has open for writing is refused with the process`() throws {
    let image = scratch.image("s", size: 1 << 20)
    let device = try scratch.loop(scratch.image("d", size: 1 << 20))
    try held(device, "<>") { pid in
      let error = #expect(throws: CopyError.self) { try copy(.file(image), .device(device)) }
      #expect(error?.code == .targetBusy && error?.message.contains("process \(pid) (sleep)") == true)
    }
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `that is mounted is refused with the mount`() throws {
    let image = scratch.image("s", size: 1 << 20)
    let mount = try scratch.mount("ext4", megabytes: 16)
    let device = try Shell.line("findmnt", ["-no", "SOURCE", mount])
    let error = #expect(throws: CopyError.self) { try copy(.file(image), .device(device)) }
    #expect(error?.code == .targetBusy && error?.message.contains(mount) == true)
  }
}
