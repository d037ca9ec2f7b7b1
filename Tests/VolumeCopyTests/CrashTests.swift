import Foundation
import Glibc
import Testing
import VolumeCopy

/// The process dies at any instruction: what a journal would hold then is enough to go on.
@Suite struct `A killed copy` {
  /// The last checkpoint as a file, replaced whole, as a journal does it.
  enum Note {
    static func write(_ checkpoint: CopyCheckpoint, to path: String) {
      let lines = checkpoint.extents.map { extent in
        "\(extent.offset) \(extent.length) " + extent.digest.map { "\($0)" }.joined(separator: ",")
      }
      let text = ([checkpoint.source, checkpoint.target] + lines).joined(separator: "\n")
      try? text.write(toFile: path + ".new", atomically: false, encoding: .utf8)
      rename(path + ".new", path)
    }

    static func read(_ path: String) -> CopyCheckpoint? {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let lines = text.components(separatedBy: "\n")
      return CopyCheckpoint(
        source: lines[0], target: lines[1],
        extents: lines.dropFirst(2).map { line in
          let words = line.components(separatedBy: " ")
          let digest = words[2].components(separatedBy: ",").compactMap(UInt8.init)
          return FinishedExtent(offset: Int64(words[0])!, length: Int64(words[1])!, digest: digest)
        })
    }
  }

  /// Copies, and kills this process by SIGKILL at the call with number `deadly`.
  static func copyUntilKilled(_ folder: String, deadly: Int) throws {
    let recorder = Recorder()
    recorder.kill(at: deadly)
    var options = CopyOptions()
    options.key = "killed"
    options.allowsReflink = false
    options.checkpointInterval = 16 << 20
    let copier = try Copier(
      source: .file(folder + "/s"), target: .file(folder + "/t"), options: options, calls: recorder.calls)
    _ = try copier.run(
      resuming: Note.read(folder + "/note"),
      events: CopyEvents(checkpoint: { Note.write($0, to: folder + "/note") }))
    exit(0)
  }

  @Test func `eight times in a row ends equal, and believes nothing it should not`() async throws {
    let scratch = Scratch()
    let image = scratch.image(
      "s", size: 96 << 20, (0..<12).map { (Int64($0) << 23, Noise.bytes(6 << 20, seed: UInt64($0))) })
    let folder = scratch.path
    var kills = 0
    for round in 0..<8 {
      let deadly = 30 + (round * 37) % 50
      let result = await #expect(processExitsWith: .failure) {
        [folder = folder as String, deadly = deadly as Int] in
        try CrashTests.copyUntilKilled(folder, deadly: deadly)
      }
      if result != nil { kills += 1 }
      #expect(!scratch.names.contains("t"), "nothing may stand under the final name")
    }
    #expect(kills == 8)
    let note = Note.read(scratch.file("note"))
    let recorder = Recorder()
    _ = try copy(.file(image), .file(scratch.file("t")), resuming: note, calls: recorder.calls) {
      $0.key = "killed"
      $0.allowsReflink = false
      $0.verification = .read
    }
    #expect(Scratch.areEqual(image, scratch.file("t")))
    #expect(recorder.bytes("read-source") + (note?.finishedBytes ?? 0) <= 96 << 20)
    #expect(!scratch.names.contains { $0.hasPrefix(".t.clonegate-") && !$0.hasSuffix("lock") })
  }
}

typealias CrashTests = `A killed copy`
