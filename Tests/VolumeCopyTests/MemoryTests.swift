import Foundation
import Glibc
import Testing
import VolumeCopy

@Suite struct `The memory of a copy` {
  /// Resident bytes at the highest, of this process.
  static var peak: Int64 {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return Int64(line.split(separator: " ").dropFirst().first ?? "").map { $0 << 10 } ?? .max
  }

  /// Copies in a process of its own, inside the cgroup if one is named, and fails on more than 64 MiB above
  /// what the process began with.
  static func copyWithin(_ folder: String, _ group: String) throws {
    if !group.isEmpty {
      try "\(getpid())".write(toFile: group + "/cgroup.procs", atomically: false, encoding: .utf8)
    }
    let before = peak
    var options = CopyOptions()
    options.allowsReflink = false
    options.verification = .read
    options.key = "memory"
    let copier = try Copier(source: .file(folder + "/s"), target: .file(folder + "/t"), options: options)
    _ = try copier.run()
    exit(peak - before < 64 << 20 ? 0 : 3)
  }

  @Test func `stays under 64 MiB, whatever the size of the disk`() async throws {
    let scratch = Scratch()
    let image = scratch.image(
      "s", size: 1 << 41, (0..<24).map { (Int64($0) << 36, Noise.bytes(8 << 20, seed: UInt64($0))) })
    let folder = scratch.path
    await #expect(processExitsWith: .success) { [folder = folder as String] in
      try MemoryTests.copyWithin(folder, "")
    }
    // The file system's own blocks are counted with the file's.
    #expect(abs(Scratch.allocated(scratch.file("t")) - Scratch.allocated(image)) <= 64 << 10)
  }

  /// Compares what is beside `s` in a process of its own, a petabyte of holes, and hashes some of it.
  static func compareWithin(_ folder: String) throws {
    let before = peak
    let start = ContinuousClock.now
    let patience = CopyEvents(isCancelled: { ContinuousClock.now - start > .seconds(60) })
    let impatience = CopyEvents(isCancelled: { ContinuousClock.now - start > .milliseconds(200) })
    _ = try? Comparison.sha256(of: .file(folder + "/s"), events: impatience)
    let twins = try Comparison.compare(.file(folder + "/s"), .file(folder + "/t"), events: patience)
    let tail = try Comparison.compare(.file(folder + "/small"), .file(folder + "/s"), events: patience)
    let swapped = try Comparison.compare(.file(folder + "/t"), .file(folder + "/s"), events: patience)
    let places = [twins, swapped, tail].map(\.difference?.offset)
    guard places == [1 << 48, 1 << 48, 1 << 47] else { exit(2) }
    exit(peak - before < 64 << 20 ? 0 : 3)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot))
  func `stays there for a comparison, which jumps over holes`() async throws {
    let scratch = Scratch()
    try scratch.mountMemory("tmpfs", "m")
    let data = Noise.bytes(4096)
    scratch.image("m/s", size: 1 << 50, [(1 << 47, data), (1 << 48, data)])
    scratch.image("m/t", size: 1 << 50, [(1 << 47, data), (1 << 49, data)])
    scratch.image("m/small", size: 4097)
    let folder = scratch.file("m")
    await #expect(processExitsWith: .success) { [folder = folder as String] in
      try MemoryTests.compareWithin(folder)
    }
  }

  @Test(.enabled(if: CopyCgroup.isPossible, "needs root and a writable memory cgroup"))
  func `is enough with 128 MiB in a cgroup that kills`() async throws {
    let scratch = Scratch()
    let image = scratch.image(
      "s", size: 1 << 30, (0..<5).map { (Int64($0) << 27, Noise.bytes(64 << 20, seed: UInt64($0))) })
    let group = try CopyCgroup(limit: 128 << 20)
    let (folder, name) = (scratch.path, group.path)
    await #expect(processExitsWith: .success) { [folder = folder as String, name = name as String] in
      try MemoryTests.copyWithin(folder, name)
    }
    #expect(Scratch.areEqual(image, scratch.file("t")))
    #expect(group.kills == 0)
  }
}

typealias MemoryTests = `The memory of a copy`

/// A memory cgroup of one test, version 1 or 2, whichever this machine offers.
final class CopyCgroup {
  private static let root: String? = {
    guard geteuid() == 0 else { return nil }
    let v1 = "/sys/fs/cgroup/memory"
    if access(v1 + "/memory.limit_in_bytes", F_OK) == 0 || access(v1 + "/cgroup.procs", W_OK) == 0 {
      return v1
    }
    let v2 = "/sys/fs/cgroup"
    let controllers = (try? String(contentsOfFile: v2 + "/cgroup.subtree_control", encoding: .utf8)) ?? ""
    return controllers.contains("memory") ? v2 : nil
  }()

  static var isPossible: Bool { root != nil }

  let path: String

  init(limit: Int64) throws {
    path = "\(Self.root!)/clonegate-copy-\(getpid())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let file = access(path + "/memory.max", F_OK) == 0 ? "memory.max" : "memory.limit_in_bytes"
    try "\(limit)".write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
  }

  /// Processes that were killed for want of memory.
  var kills: Int {
    for file in ["memory.events", "memory.oom_control"] {
      let text = (try? String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)) ?? ""
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("oom_kill ") }) else {
        continue
      }
      return Int(line.split(separator: " ")[1]) ?? -1
    }
    return -1
  }

  deinit { rmdir(path) }
}
