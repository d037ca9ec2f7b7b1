import Foundation
import Synchronization
import Testing
import VolumeCopy

@testable import Jobs

/// Volumes that are not the job's any more: not a byte goes there, and nothing of others is removed.
@Suite struct ObjectionTests {
  private let shop: Workshop
  private let volume: String
  private final class Flag: Sendable { let isUp = Mutex(false) }

  init() throws {
    shop = try Workshop()
    volume = shop.data.path + "/pv"
    mkdir(volume, 0o700)
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: volume)) ?? [] }

  private var options: WorkerOptions {
    var options = WorkerOptions.quick
    options.releasesPlaces = true
    return options
  }

  /// Every target is the one volume.
  private func resolver(_ objection: @escaping @Sendable () -> Objection? = { nil }) -> VolumeResolver {
    { [source = shop.source, volume] _, _ in
      var places = CopyPlaces(
        source: .directory(source), target: .directory(volume),
        binding: Binding(path: volume, kind: .directory, volume: "pv"))
      places.objection = objection
      return .found(places)
    }
  }

  @Test func `an objection stops a copy, takes its unfinished file away and frees the place`() async throws {
    let flag = Flag()
    let plain = PlainEngine(holdsAt: Int64(PlainEngine.chunk))
    _ = try await shop.journal.record([.sample("a")])
    let resolver = resolver {
      flag.isUp.withLock { $0 } ? Objection(reason: "NotBound", message: "it is another's") : nil
    }
    try shop.start(plain.engine, options: options, resolver: resolver)
    _ = try await shop.job("uid-a") { $0.step == .copying }
    // Not before: jobs that come together begin together, and either may get the place.
    _ = try await shop.journal.record([.sample("b")])
    _ = try await shop.soon("an unfinished file") { names.isEmpty ? nil : true }
    try Data("someone's".utf8).write(to: URL(filePath: volume + "/disk.img"))
    flag.isUp.withLock { $0 = true }
    let failed = try await shop.job("uid-a") { $0.failure == .final }
    #expect(failed.reason == "NotBound" && failed.message == "it is another's" && !failed.isRetryable)
    #expect(failed.targetPlace == nil)
    _ = try await shop.soon("only the other's image") { names == ["disk.img"] ? true : nil }
    // The place is not kept from whoever has it now.
    _ = try await shop.job("uid-b") { $0.reason == "NotBound" }
    #expect(try String(contentsOfFile: volume + "/disk.img", encoding: .utf8) == "someone's")
  }

  @Test func `a refusal in the middle of the tries takes the unfinished file away`() async throws {
    let flag = Flag()
    let plain = PlainEngine(holdsAt: Int64(PlainEngine.chunk))
    _ = try await shop.journal.record([.sample("a")])
    let found = resolver()
    let resolver: VolumeResolver = { job, known in
      flag.isUp.withLock { $0 } ? .refused(reason: "Replaced", message: "made anew") : found(job, known)
    }
    try shop.start(plain.engine, options: options, resolver: resolver)
    _ = try await shop.job("uid-a") { $0.step == .copying && $0.progress.done > 0 }
    shop.stop()
    #expect(names.count == 1)
    flag.isUp.withLock { $0 = true }
    try shop.start(plain.engine, options: options, resolver: resolver)
    let failed = try await shop.job("uid-a") { $0.failure == .final }
    #expect(failed.reason == "Replaced" && failed.targetPlace == nil)
    #expect(names.isEmpty)
  }

  @Test func `a deleted order takes no image of whoever has the volume now`() async throws {
    let failure = CopyError(.writeFailed, side: .target, message: "no", remedy: "none")
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(PlainEngine(failures: [failure]).engine, options: options, resolver: resolver())
    _ = try await shop.job("uid-a") { $0.failure == .final }
    try Data("someone's".utf8).write(to: URL(filePath: volume + "/disk.img"))
    try await shop.journal.delete(ObjectName(kind: "DataVolume", namespace: "target", name: "a"))
    _ = try await shop.soon("forgotten") {
      try await shop.journal.jobs(JobFilter(includesRemoved: true)).isEmpty ? true : nil
    }
    #expect(names == ["disk.img"])
  }
}
