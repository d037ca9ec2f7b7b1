import Foundation
import Synchronization
import Testing
import VolumeCopy

@testable import Jobs

@Suite struct `The worker's limits for a device` {
  /// Copies on the device that the target's name begins with: `a-1` on a, `ab-2` on a and b.
  private final class Devices: Sendable {
    let plain = PlainEngine(held: true)
    /// Targets in the order in which their copies began.
    let begun = Mutex<[String]>([])
    let limits = Mutex<[String: [RateLimiter]]>([:])

    var engine: CopyEngine {
      CopyEngine(devices: { Self.of(Self.name($0)) }) {
        [self] places, options, resuming, events throws(CopyError) in
        // Before it counts as begun: a test reads the limits of those that have.
        limits.withLock { $0[Self.name(places)] = options.limits }
        begun.withLock { $0.append(Self.name(places)) }
        return try plain.engine.run(places, options, resuming, events)
      }
    }

    static func of(_ name: String) -> Set<Device> {
      Set(name.prefix { $0 != "-" }.utf8.map { Device(number: UInt($0)) })
    }

    static func name(_ places: CopyPlaces) -> String {
      String(places.binding.path.split(separator: "/").last ?? "")
    }

    func release() { plain.isHeld.withLock { $0 = false } }
  }

  private let shop: Workshop
  private let devices = Devices()

  init() throws { shop = try Workshop() }

  private func start(_ limits: WorkerLimits) async throws {
    try await shop.journal.setLimits(limits)
    try shop.start(devices.engine)
  }

  private func record(_ names: String...) async throws {
    _ = try await shop.journal.record(names.map { .sample($0) })
  }

  private func begun(_ names: String...) async throws {
    _ = try await shop.soon("\(names) at work") {
      devices.begun.withLock { Set($0) }.isSuperset(of: names) ? true : nil
    }
  }

  @discardableResult private func waits(_ name: String) async throws -> Job {
    try await shop.job("uid-\(name)") { $0.step == .waiting && $0.reason == "DeviceBusy" }
  }

  private func reported(_ names: String...) async throws {
    for name in names { _ = try await shop.job("uid-\(name)") { $0.step == .reported } }
  }

  @Test func `hold back the jobs of a full device in their order, and no others`() async throws {
    try await start(WorkerLimits(parallel: 8, parallelPerDevice: 1))
    try await record("a-1")
    try await begun("a-1")
    try await record("a-2", "a-3", "a-4", "b-1")
    try await begun("b-1")
    for name in ["a-2", "a-3", "a-4"] {
      let job = try await waits(name)
      #expect(job.message.contains("--parallel-per-device") && job.phase == .cloneScheduled)
    }
    devices.release()
    try await reported("a-1", "a-2", "a-3", "a-4", "b-1")
    #expect(devices.begun.withLock { $0 } == ["a-1", "b-1", "a-2", "a-3", "a-4"])
  }

  @Test func `let a job pass more waiting ones than the worker looks at in one go`() async throws {
    try await start(WorkerLimits(parallel: 2, parallelPerDevice: 1))
    try await record("a-first")
    try await begun("a-first")
    _ = try await shop.journal.record((0..<WorkerLimits.mostParallel + 6).map { .sample("a-\($0)") })
    try await record("b-1")
    try await begun("b-1")
    #expect(devices.begun.withLock { $0 } == ["a-first", "b-1"])
  }

  @Test func `change while copies run`() async throws {
    try await start(WorkerLimits(parallel: 8, parallelPerDevice: 1))
    try await record("a-1")
    try await begun("a-1")
    try await record("a-2", "a-3", "a-4", "a-5")
    for name in ["a-2", "a-3", "a-4", "a-5"] { try await waits(name) }
    try await shop.journal.setLimits(WorkerLimits(parallel: 8, parallelPerDevice: 3))
    try await begun("a-2", "a-3")
    #expect(devices.begun.withLock { Set($0) } == ["a-1", "a-2", "a-3"])
    try await shop.journal.setLimits(WorkerLimits(parallel: 8))
    try await begun("a-4", "a-5")
  }

  @Test func `keep a place for who waits for two devices, until it is cancelled`() async throws {
    try await start(WorkerLimits(parallel: 8, parallelPerDevice: 1))
    try await record("a-1")
    try await begun("a-1")
    try await record("ab-2")
    try await waits("ab-2")
    try await record("b-3")
    try await waits("b-3")
    _ = try await shop.journal.cancel(key: "uid-ab-2")
    _ = try await shop.job("uid-ab-2") { $0.step == .cancelled }
    try await begun("b-3")
    #expect(devices.begun.withLock { $0 } == ["a-1", "b-3"])
  }

  @Test func `outlive the worker`() async throws {
    try await start(WorkerLimits(parallel: 8, parallelPerDevice: 1))
    try await record("a-1")
    try await begun("a-1")
    try await record("a-2")
    try await waits("a-2")
    shop.stop()
    devices.release()
    try shop.start(devices.engine)
    try await reported("a-1", "a-2")
    #expect(devices.plain.seen.withLock { $0.most } == 1)
    #expect(try await shop.journal.limits().parallelPerDevice == 1)
  }

  @Test func `give a copy a share of its device's bandwidth and of the worker's`() async throws {
    try await start(WorkerLimits(parallel: 8, bytesPerSecond: 9_000, bytesPerSecondPerDevice: 5_000))
    try await record("a-1", "a-2", "b-1")
    try await begun("a-1", "a-2", "b-1")
    let limits = devices.limits.withLock { $0 }
    let one = try #require(limits["a-1"])
    let two = try #require(limits["a-2"])
    let other = try #require(limits["b-1"])
    #expect(one.map(\.bytesPerSecond) == [5_000, 9_000] && other.map(\.bytesPerSecond) == [5_000, 9_000])
    #expect(one[0] === two[0] && one[0] !== other[0])
    #expect(one[1] === two[1] && one[1] === other[1])
    try await shop.journal.setLimits(WorkerLimits(parallel: 8, bytesPerSecondPerDevice: 700))
    _ = try await shop.soon("new rates") {
      (one + other).map(\.bytesPerSecond) == [700, 0, 700, 0] ? true : nil
    }
  }
}
