import Foundation
import Glibc
import Synchronization
import Testing
import VolumeCopy

@Suite struct `A bandwidth limit` {
  let scratch = Scratch()

  /// Who read when: the number of the copy for each request, in order. The copies begin together, and wait
  /// for no disk.
  private final class Turns: Sendable {
    private let order = Mutex<[Int]>([])
    private let arrived = Mutex<Set<Int>>([])

    /// The turns while both were at work: from the later start to the earlier end.
    var shared: ArraySlice<Int> {
      let all = order.withLock { $0 }
      let starts = [0, 1].compactMap { all.firstIndex(of: $0) }
      let ends = [0, 1].compactMap { all.lastIndex(of: $0) }
      guard let start = starts.max(), let end = ends.min(), start <= end else { return [] }
      return all[start...end]
    }

    func calls(of copy: Int) -> DiskCalls {
      var calls = DiskCalls.system
      calls.startWriteback = { _, _, _ in 0 }
      calls.waitWriteback = { _, _, _ in 0 }
      calls.read = { side, descriptor, buffer, count, offset in
        self.arrived.withLock { _ = $0.insert(copy) }
        while self.arrived.withLock({ $0.count }) < 2 { usleep(100) }
        self.order.withLock { $0.append(copy) }
        return DiskCalls.system.read(side, descriptor, buffer, count, offset)
      }
      return calls
    }
  }

  @Test func `is shared by copies in equal parts, however many threads each has`() throws {
    let limit = RateLimiter(bytesPerSecond: 24 << 20)
    let image = scratch.image("s", size: 16 << 20, [(0, Noise.bytes(16 << 20))])
    let (turns, folder, done) = (Turns(), scratch.path, DispatchSemaphore(value: 0))
    for (number, threads) in [1, 4].enumerated() {
      Thread {
        _ = try? copy(.file(image), .file("\(folder)/t\(number)"), calls: turns.calls(of: number)) {
          $0.threads = threads
          $0.limits = [limit]
          $0.allowsReflink = false
        }
        done.signal()
      }.start()
    }
    done.wait()
    done.wait()
    #expect(Scratch.areEqual(image, scratch.file("t0")) && Scratch.areEqual(image, scratch.file("t1")))
    // Most often the other copy has one turn between two of one. If threads queued, not copies, it were four.
    for copy in [0, 1] {
      let waits = turns.shared.split(separator: copy, omittingEmptySubsequences: false).map(\.count).sorted()
      #expect(waits.count > 16 && waits[waits.count / 2] <= 2, "\(waits)")
    }
  }

  @Test func `can be changed, or taken away, while copies wait for it`() throws {
    let limit = RateLimiter(bytesPerSecond: 1024)
    let image = scratch.image("s", size: 4 << 20, [(0, Noise.bytes(4 << 20))])
    // At 1 KiB a second this would take over an hour.
    let report = try copy(
      .file(image), .file(scratch.file("t")),
      events: CopyEvents(progress: { if $0.read > 0 { limit.bytesPerSecond = 0 } })
    ) {
      $0.limits = [limit]
      $0.allowsReflink = false
    }
    #expect(report.progress.read == 4 << 20)
  }

  @Test func `does not delay a cancellation of a whole-image SHA-256`() throws {
    let image = scratch.image("s", size: 4 << 20, [(0, Noise.bytes(4 << 20))])
    let start = ContinuousClock.now
    let error = #expect(throws: CopyError.self) {
      try Comparison.sha256(
        of: .file(image), limits: [RateLimiter(bytesPerSecond: 64 << 10)],
        events: CopyEvents(isCancelled: { ContinuousClock.now - start > .milliseconds(200) }))
    }
    // All of it would take a minute.
    #expect(error?.code == .cancelled && ContinuousClock.now - start < .seconds(20))
  }

  @Test func `holds for what a larger volume has beyond the image, too`() throws {
    let image = scratch.image("s", size: 4096, [(0, Noise.bytes(4096))])
    let larger = scratch.image(
      "t", size: 4 << 20, [(0, Noise.bytes(4096)), (4096, [UInt8](repeating: 0, count: (4 << 20) - 4096))])
    let start = ContinuousClock.now
    let error = #expect(throws: CopyError.self) {
      try Comparison.compare(
        .file(image), .file(larger), limits: [RateLimiter(bytesPerSecond: 64 << 10)],
        events: CopyEvents(isCancelled: { ContinuousClock.now - start > .milliseconds(400) }))
    }
    // All of it would take a minute; without the limit it would have ended before it was cancelled.
    #expect(error?.code == .cancelled)
  }

  /// What a copy of `megabytes` without data is cancelled by after 0.4 s, at 64 KiB a second.
  private func slow(
    megabytes: Int, _ target: VolumeLocation, calls: DiskCalls = .system, _ preallocation: Preallocation
  ) -> CopyError? {
    let image = scratch.image("s", size: Int64(megabytes) << 20)
    let start = ContinuousClock.now
    return #expect(throws: CopyError.self) {
      try copy(
        .file(image), target, calls: calls,
        events: CopyEvents(isCancelled: { ContinuousClock.now - start > .milliseconds(400) })
      ) {
        $0.preallocation = preallocation
        $0.limits = [RateLimiter(bytesPerSecond: 64 << 10)]
      }
    }
  }

  @Test func `holds for zeroes that are written`() throws {
    // All of it would take a minute; without the limit it would have ended before it was cancelled.
    #expect(slow(megabytes: 4, .file(scratch.file("t")), .full)?.code == .cancelled)
  }

  @Test(
    .enabled(if: Machine.canMount, Machine.needsRoot), arguments: [Preallocation.off, .unwritten, .full],
    [4, 8])
  func `holds for zeroes that a device cannot make by itself`(
    preallocation: Preallocation, megabytes: Int
  ) throws {
    let device = try scratch.plainLoop(megabytes: 8)
    #expect(slow(megabytes: megabytes, .device(device), preallocation)?.code == .cancelled)
    let refusing = Recorder(.init(call: "blockZero", errno: EOPNOTSUPP))
    let error = slow(megabytes: megabytes, .device(device), calls: refusing.calls, preallocation)
    #expect(error?.code == .cancelled)
  }

  @Test(.enabled(if: Machine.canMount, Machine.needsRoot), arguments: [Preallocation.off, .unwritten])
  func `does not hold for zeroes that the device makes`(preallocation: Preallocation) throws {
    let image = scratch.image("s", size: 64 << 20)
    let device = try scratch.loop(scratch.image("d", size: 80 << 20, [(0, Noise.bytes(80 << 20))]))
    let start = ContinuousClock.now
    _ = try copy(.file(image), .device(device)) {
      $0.preallocation = preallocation
      $0.limits = [RateLimiter(bytesPerSecond: 64 << 10)]
    }
    // Written they would take twenty minutes.
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(scratch.bytes(device).allSatisfy { $0 == 0 })
  }

  @Test func `does not delay a cancellation`() throws {
    let image = scratch.image("s", size: 4 << 20, [(0, Noise.bytes(4 << 20))])
    var asked = 0
    let error = #expect(throws: CopyError.self) {
      try copy(
        .file(image), .file(scratch.file("t")),
        events: CopyEvents(isCancelled: {
          asked += 1
          return asked > 3
        })
      ) {
        $0.limits = [RateLimiter(bytesPerSecond: 1)]
        $0.allowsReflink = false
      }
    }
    #expect(error?.code == .cancelled && scratch.names == ["s"])
  }
}
