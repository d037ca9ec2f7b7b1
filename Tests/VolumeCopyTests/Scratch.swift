import Foundation
import Glibc
import Testing
import VolumeCopy

/// A folder of one test, with the images, loop devices and file systems it makes; all of it goes away with
/// it.
final class Scratch {
  let path: String
  private var undo: [() -> Void] = []

  init() {
    var template = Array("/tmp/clonegate-copy-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit {
    for step in undo.reversed() { step() }
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// A sparse image of `size` bytes with `pieces` written into it.
  @discardableResult func image(_ name: String, size: Int64, _ pieces: [(Int64, [UInt8])] = []) -> String {
    let descriptor = open(file(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    precondition(descriptor >= 0 && ftruncate(descriptor, off_t(size)) == 0)
    for (offset, bytes) in pieces {
      precondition(pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count)
    }
    fsync(descriptor)
    close(descriptor)
    return file(name)
  }

  func bytes(_ path: String, _ range: Range<Int>? = nil) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let count = range?.count ?? Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, count - done, off_t((range?.lowerBound ?? 0) + done))
      }
      if got <= 0 { return Array(bytes[..<done]) }
      done += got
    }
    return bytes
  }

  /// Compared by memory: an array is compared byte by byte in a debug build.
  static func areEqual(_ first: String, _ second: String) -> Bool {
    (try? Shell.run("cmp", [first, second])) != nil
  }

  /// Bytes of blocks that a file occupies (`st_blocks`).
  static func allocated(_ path: String) -> Int64 {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int64(facts.st_blocks) * 512 : -1
  }

  /// Bytes of the granules that a file holds between its holes.
  static func data(_ path: String) -> Int64 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let (seekData, seekHole): (Int32, Int32) = (3, 4)  // GNU's, which Glibc does not show
    var total: Int64 = 0, at: off_t = 0
    while case let start = lseek(descriptor, at, seekData), start >= 0 {
      at = lseek(descriptor, start, seekHole)
      guard at > start else { return -1 }
      total += Int64(at - start + 4095) / 4096 * 4096
    }
    return total
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

  // MARK: - Devices

  /// A loop device over `file`.
  func loop(
    _ file: String, sectors: Int = 512, offset: Int = 0, readOnly: Bool = false, partitions: Bool = false
  ) throws -> String {
    let flags =
      ["--find", "--show", "--sector-size", "\(sectors)", "--offset", "\(offset)"]
      + (readOnly ? ["--read-only"] : []) + (partitions ? ["--partscan"] : [])
    let device = try Shell.line("losetup", flags + [file])
    undo.append { _ = try? Shell.run("losetup", ["--detach", device]) }
    return device
  }

  /// A loop device that can neither punch nor zero: its file system has no `fallocate`.
  func plainLoop(megabytes: Int) throws -> String {
    try mountMemory("ramfs", "ram")
    return try loop(image("ram/disk", size: Int64(megabytes) << 20))
  }

  /// A file system in memory, as the folder `name`.
  func mountMemory(_ kind: String, _ name: String) throws {
    let folder = file(name)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Shell.run("mount", ["-t", kind, "none", folder])
    undo.append { _ = try? Shell.run("umount", [folder]) }
  }

  /// A partition of a loop device, from the first MiB on or from `start`, as a node of our own: not every
  /// kernel reads partition tables, nor does every machine make nodes in `/dev`.
  func partition(of device: String, number: Int = 1, start: Int = 1 << 20, size: Int = 4 << 20) throws
    -> String
  {
    try Shell.run("addpart", [device, "\(number)", "\(start / 512)", "\(size / 512)"])
    let name = String(device.dropFirst("/dev/".count))
    let numbers = try Shell.line("cat", ["/sys/block/\(name)/\(name)p\(number)/dev"]).split(separator: ":")
    let node = file("\(name)p\(number)")
    try Shell.run("mknod", [node, "b", "\(numbers[0])", "\(numbers[1])"])
    return node
  }

  /// A file system of `megabytes` on a file, mounted.
  func mount(_ kind: String, megabytes: Int, options: String = "defaults") throws -> String {
    let folder = file("mnt-\(kind)")
    let disk = image("\(kind).fs", size: Int64(megabytes) << 20)
    try Shell.run(
      "mkfs.\(kind)", (kind == "ext4" ? ["-q", "-F"] : kind == "xfs" ? ["-q"] : ["-q", "-f"]) + [disk])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Shell.run("mount", ["-o", "loop,\(options)", disk, folder])
    undo.append { _ = try? Shell.run("umount", [folder]) }
    return folder
  }
}

/// Another program's run, for what only tools can do.
enum Shell {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// The output without its last line feed.
  static func line(_ tool: String, _ arguments: [String]) throws -> String {
    try run(tool, arguments).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @discardableResult static func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(tool) \(arguments.joined(separator: " ")): \(text)")
    }
    return text
  }
}

/// What this machine lets tests do; those that need more are skipped with this text.
enum Machine {
  static let canMount = geteuid() == 0 && access("/dev/loop-control", F_OK) == 0
  static let needsRoot: Comment = "needs root and loop devices"

  /// Since Linux 6.15 a device's blocks may be larger than a page.
  static let hasLargeBlocks: Bool = {
    let scratch = Scratch()
    return canMount && (try? scratch.loop(scratch.image("d", size: 1 << 20), sectors: 65536)) != nil
  }()

  static func has(_ tool: String) -> Bool {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains { access("\($0)/\(tool)", X_OK) == 0 }
  }
}

/// The digest by its definition, in another language.
enum Reference {
  private static let program = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "Fixtures/tree-digest.py").path

  static func treeDigest(_ path: String) throws -> String {
    try Shell.line("python3", [program, path])
  }

  static func digestList(_ path: String) throws -> String {
    try Shell.run("python3", [program, "--list", path])
  }
}

/// Bytes that look random, differ in every granule, hold no zero, and are the same each time.
enum Noise {
  private static let pattern: [UInt8] = {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<4096).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state) | 1
    }
  }()

  static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      for start in stride(from: 0, to: count, by: 4096) {
        let length = min(4096, count - start)
        memcpy(buffer.baseAddress! + start, pattern, length)
        guard length >= 8 else { continue }
        let mark = (seed << 40 | UInt64(start / 4096)) << 1 | 0x0101_0101_0101_0101
        (UnsafeMutableRawPointer(buffer.baseAddress!) + start).storeBytes(of: mark, as: UInt64.self)
      }
      initialized = count
    }
  }
}

func copy(
  _ source: VolumeLocation, _ target: VolumeLocation, resuming: CopyCheckpoint? = nil,
  calls: DiskCalls = .system,
  events: CopyEvents = CopyEvents(), _ change: (inout CopyOptions) -> Void = { _ in }
) throws(CopyError) -> CopyReport {
  var options = CopyOptions()
  change(&options)
  let copier = try Copier(source: source, target: target, options: options, calls: calls)
  return try copier.run(resuming: resuming, events: events)
}
