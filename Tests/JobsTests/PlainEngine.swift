import Foundation
import Synchronization
import VolumeCopy

@testable import Jobs

/// A copy as simple as can be, under the worker's tests: it reads and writes chunks in order, tells what the
/// real one tells, and can be made to fail, to stand still and to count.
final class PlainEngine: Sendable {
  static let chunk = 64 << 10

  struct Seen: Sendable {
    var runs = 0
    var now = 0
    var most = 0
    var resumedAt: [Int64] = []
    var copied: Int64 = 0
  }
  let seen = Mutex(Seen())
  /// Copies stand still before their first byte until this is false.
  let isHeld: Mutex<Bool>
  /// Stands still once so many bytes are copied.
  let holdsAt: Int64?
  /// What the next runs fail with, first to last.
  let failures: Mutex<[CopyError]>

  /// What the next copies come to in the end, when every byte is there and told.
  let endings: Mutex<[CopyError]>

  init(
    held: Bool = false, holdsAt: Int64? = nil, failures: [CopyError] = [], wrongAtEnd: [CopyError] = []
  ) {
    endings = Mutex(wrongAtEnd)
    self.holdsAt = holdsAt
    isHeld = Mutex(held)
    self.failures = Mutex(failures)
  }

  var engine: CopyEngine {
    CopyEngine { [self] places, options, checkpoint, events throws(CopyError) in
      seen.withLock {
        $0.runs += 1
        $0.now += 1
        $0.most = max($0.most, $0.now)
        $0.resumedAt.append(checkpoint?.finishedBytes ?? 0)
      }
      defer { seen.withLock { $0.now -= 1 } }
      if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
      let report = try copy(places, options, checkpoint, events)
      if let ending = endings.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        try? FileManager.default.removeItem(atPath: places.target.description)
        throw ending
      }
      return report
    }
  }

  private func copy(
    _ places: CopyPlaces, _ options: CopyOptions, _ checkpoint: CopyCheckpoint?, _ events: CopyEvents
  ) throws(CopyError) -> CopyReport {
    let final = places.target.description
    let partial = "\(places.binding.path)/.disk.img.clonegate-\(options.key!.hashValue)"
    guard let source = FileHandle(forReadingAtPath: places.source.description) else {
      throw CopyError(.notFound, side: .source, message: "no source", remedy: "wait", retryable: true)
    }
    if FileManager.default.fileExists(atPath: final) {
      throw CopyError(.targetExists, side: .target, message: "target exists", remedy: "remove it")
    }
    if !FileManager.default.fileExists(atPath: partial) {
      _ = FileManager.default.createFile(atPath: partial, contents: nil)
    }
    let target = FileHandle(forWritingAtPath: partial)!
    var progress = CopyProgress()
    progress.stage = .copying
    progress.total = Int64((try? source.seekToEnd()) ?? 0)
    progress.finished = checkpoint?.finishedBytes ?? 0
    progress.resumed = progress.finished
    while isHeld.withLock({ $0 }) || progress.finished < progress.total {
      events.progress(progress)
      if events.isCancelled() {
        throw CopyError(.cancelled, side: .both, message: "cancelled", remedy: "retry")
      }
      guard !isHeld.withLock({ $0 }) else {
        Thread.sleep(forTimeInterval: 0.01)
        continue
      }
      try? source.seek(toOffset: UInt64(progress.finished))
      try? target.seek(toOffset: UInt64(progress.finished))
      let bytes = source.readData(ofLength: Self.chunk)
      target.write(bytes)
      progress.finished += Int64(bytes.count)
      progress.written += Int64(bytes.count)
      let extent = FinishedExtent(offset: 0, length: progress.finished, digest: [7])
      events.checkpoint(CopyCheckpoint(source: "s", target: "t", extents: [extent]))
      if progress.finished == holdsAt { isHeld.withLock { $0 = true } }
    }
    seen.withLock { $0.copied += progress.written }
    try? FileManager.default.moveItem(atPath: partial, toPath: final)
    progress.stage = .done
    events.progress(progress)
    var report = CopyReport()
    report.progress = progress
    report.digest = "plain"
    return report
  }
}
