import Foundation
import Testing
import VolumeCopy

@testable import Jobs

/// A target that stops taking writes under the copy, as a machine that loses its disk does, and comes back: a
/// loop device over a file on a file system that fills up.
@Suite(.enabled(if: geteuid() == 0, "loop devices and mounts need root"))
struct `A target that fails under the copy` {
  private static let imageBytes = 64 << 20

  @Test(.timeLimit(.minutes(2)))
  func `is gone on with after the repair, from the last checkpoint, and ends equal`() async throws {
    let shop = try Workshop(sourceBytes: Self.imageBytes)
    let disk = try FailingDisk(size: Self.imageBytes, room: "40m", at: shop.data.path + "/disk")
    defer { disk.remove() }
    var options = WorkerOptions.quick
    options.checkpointInterval = 4 * CopyLimits.segmentBytes
    options.threads = 1
    let resolver: VolumeResolver = { [source = shop.source, device = disk.device] _, _ in
      .found(
        CopyPlaces(
          source: .directory(source), target: .device(device), binding: Binding(path: device, kind: .device)))
    }
    // Slow enough for checkpoints to be written on the way.
    try await shop.journal.setLimits(WorkerLimits(bytesPerSecond: 80 << 20))
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(.volumes, options: options, resolver: resolver)
    let failed = try await shop.job("uid-a") { $0.step == .failed }
    #expect(failed.message.contains(disk.device), "\(failed.message)")
    shop.stop()
    let kept = try await shop.journal.read { try CheckpointTable.fetch($0, job: failed.id) };
    let finished = try #require(kept, "\(failed)").finishedBytes
    #expect(finished > 0 && finished < 40 << 20)

    try disk.repair()
    try await shop.journal.retry(key: "uid-a")
    try shop.start(.volumes, options: options, resolver: resolver)
    let done = try await shop.job("uid-a") { $0.step == .reported }
    #expect(done.progress.resumed == finished)
    #expect(done.progress.read == Int64(Self.imageBytes) - finished)
    shop.stop()
    let image = try disk.takeImage()
    #expect(FileManager.default.contentsEqual(atPath: shop.source + "/disk.img", andPath: image))
  }
}

/// A loop device whose blocks run out.
private struct FailingDisk {
  let directory: String
  let device: String
  private var image: String { directory + "/image" }

  init(size: Int, room: String, at directory: String) throws {
    self.directory = directory
    mkdir(directory, 0o700)
    try Self.run("mount", "-t", "tmpfs", "-o", "size=\(room)", "tmpfs", directory)
    do {
      try Self.run("truncate", "-s", "\(size)", directory + "/image")
      device = try Self.run("losetup", "--find", "--show", directory + "/image")
    } catch {
      _ = try? Self.run("umount", "-l", directory)
      throw error
    }
  }

  func repair() throws { try Self.run("mount", "-o", "remount,size=200m", directory) }

  /// The device's content without any cache of the device between.
  func takeImage() throws -> String {
    try Self.run("losetup", "-d", device)
    return image
  }

  func remove() {
    _ = try? Self.run("losetup", "-d", device)
    _ = try? Self.run("umount", "-l", directory)
  }

  private struct Failed: Error { let words: [String] }

  @discardableResult private static func run(_ words: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(words: words) }
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
