import Foundation
import Synchronization
import Testing
import VolumeCopy

@testable import Jobs

@Suite struct `Taking away a volume` {
  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  @Test func `a cancelled copy leaves nothing behind and can be tried again`() async throws {
    let shop = try Workshop()
    let plain = PlainEngine(held: true)
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(plain.engine)
    _ = try await shop.job("uid-a") { $0.step == .copying }
    try await shop.journal.cancel(key: "uid-a")
    let cancelled = try await shop.job("uid-a") { $0.step == .cancelled }
    #expect(cancelled.phase == .failed && cancelled.targetPlace == nil)
    #expect(cancelled.reason == "Cancelled")
    #expect(!exists(shop.store.root + "/target"))
    plain.isHeld.withLock { $0 = false }
    try await shop.journal.retry(key: "uid-a")
    _ = try await shop.job("uid-a") { $0.step == .reported }
    #expect(shop.isCopied("a"))
  }

  @Test func `a job that never began is cancelled without a worker`() async throws {
    let shop = try Workshop()
    _ = try await shop.journal.record([.sample("a")])
    #expect(try await shop.journal.cancel(key: "uid-a").step == .cancelled)
    await #expect { try await shop.journal.cancel(key: "uid-a") } throws: {
      ($0 as? JournalError)?.code == .conflict
    }
  }

  @Test(arguments: [false, true])
  func `a deleted DataVolume's disk goes, and its successor gets a fresh one`(whileCopying: Bool) async throws
  {
    let shop = try Workshop()
    let plain = PlainEngine(held: whileCopying)
    _ = try await shop.journal.record([.sample("a", uid: "one"), .sample("b")])
    try shop.start(plain.engine)
    _ = try await shop.job("one") { $0.step == (whileCopying ? .copying : .reported) }
    try await shop.journal.delete(ObjectName(kind: "DataVolume", namespace: "target", name: "a"))
    _ = try await shop.journal.record([.sample("a", uid: "two")])
    plain.isHeld.withLock { $0 = false }
    _ = try await shop.job("two") { $0.step == .reported }
    _ = try await shop.job("uid-b") { $0.step == .reported }
    #expect(shop.isCopied("a") && shop.isCopied("b"))
    #expect(try await shop.journal.jobs(JobFilter(includesRemoved: true)).map(\.key) == ["uid-b", "two"])
  }

  @Test func `a directory of ours goes with our files, other people's files stay`() throws {
    let data = TemporaryDirectory()
    let store = VolumeStore(data: data.path)
    let path = try #require(store.path(namespace: "n", name: "dv"))
    try store.make(path)
    try store.make(path)
    let own = Binding(path: path, kind: .directory)
    for name in ["disk.img", ".disk.img.clonegate-1234", "notes.txt"] {
      _ = FileManager.default.createFile(atPath: "\(path)/\(name)", contents: Data([1]))
    }
    #expect(try store.remove(own, includingImage: true) == ["notes.txt"])
    #expect(exists(path + "/notes.txt") && !exists(path + "/disk.img"))
    unlink(path + "/notes.txt")
    #expect(try store.remove(own, includingImage: true).isEmpty)
    #expect(!exists(data.path + "/volumes/n"))
    #expect(try store.remove(own, includingImage: true).isEmpty)
  }

  @Test func `an image that was there before is not removed, nor the volume's directory`() throws {
    let data = TemporaryDirectory()
    _ = FileManager.default.createFile(atPath: data.path + "/disk.img", contents: Data([1]))
    let volume = Binding(path: data.path, kind: .directory, volume: "pv")
    #expect(try VolumeStore(data: data.path).remove(volume, includingImage: false) == ["disk.img"])
    #expect(exists(data.path + "/disk.img"))
    #expect(try VolumeStore(data: data.path).remove(volume, includingImage: true).isEmpty)
    #expect(exists(data.path) && !exists(data.path + "/disk.img"))
  }

  @Test func `what somebody copies there by hand is not taken away`() throws {
    let data = TemporaryDirectory()
    let hand = [".disk.img.clonegate-by-hand", ".disk.img.clonegate-lock"]
    for name in hand + [".disk.img.clonegate-0123456789abcdef"] {
      _ = FileManager.default.createFile(atPath: data.path + "/" + name, contents: Data([1]))
    }
    let volume = Binding(path: data.path, kind: .directory, volume: "pv")
    #expect(try VolumeStore(data: data.path).remove(volume, includingImage: true).sorted() == hand)
    unlink(data.path + "/" + hand[0])
    #expect(try VolumeStore(data: data.path).remove(volume, includingImage: true).isEmpty)
  }

  @Test func `a volume that failed because a disk was there keeps that disk`() async throws {
    let shop = try Workshop()
    _ = try await shop.journal.record([.sample("a")])
    let path = try #require(shop.store.path(namespace: "target", name: "a"))
    try shop.store.make(path)
    try Data("someone's".utf8).write(to: URL(filePath: path + "/disk.img"))
    try shop.start(PlainEngine().engine)
    _ = try await shop.job("uid-a") { $0.reason == "TargetExists" && $0.failure == .final }
    try await deleteAll(shop)
    #expect(try String(contentsOfFile: path + "/disk.img", encoding: .utf8) == "someone's")
  }

  @Test func `a disk that came while the job's own was copied is kept, too`() async throws {
    let shop = try Workshop()
    let taken = CopyError(.targetExists, side: .target, message: "target exists", remedy: "remove it")
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(PlainEngine(wrongAtEnd: [taken]).engine)
    _ = try await shop.job("uid-a") { $0.reason == "TargetExists" && $0.failure == .final }
    let path = try #require(shop.store.path(namespace: "target", name: "a"))
    try Data("someone's".utf8).write(to: URL(filePath: path + "/disk.img"))
    try await deleteAll(shop)
    #expect(try String(contentsOfFile: path + "/disk.img", encoding: .utf8) == "someone's")
  }

  @Test func `a disk that came while the job waited is kept, too`() async throws {
    let shop = try Workshop()
    let busy = CopyError(.sourceInUse, side: .source, message: "qemu has it", remedy: "stop it")
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(PlainEngine(failures: Array(repeating: busy, count: 10_000)).engine)
    _ = try await shop.job("uid-a") { $0.step == .waiting }
    let path = try #require(shop.store.path(namespace: "target", name: "a"))
    try Data("someone's".utf8).write(to: URL(filePath: path + "/disk.img"))
    try await deleteAll(shop)
    #expect(try String(contentsOfFile: path + "/disk.img", encoding: .utf8) == "someone's")
  }

  @Test func `the disk of a copy whose report could not be written goes with its DataVolume`() async throws {
    let shop = try Workshop()
    let late = CopyError(.flushFailed, side: .target, message: "the name", remedy: "none")
    let real = CopyEngine.volumes
    let engine = CopyEngine { places, options, checkpoint, events throws(CopyError) in
      _ = try real.run(places, options, checkpoint, events)
      throw late
    }
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(engine)
    _ = try await shop.job("uid-a") { $0.reason == late.reason && $0.failure == .final }
    #expect(shop.isCopied("a"))
    try await deleteAll(shop)
    #expect(!exists(shop.image("a")))
  }

  @Test(arguments: [true, false])
  func `a place that is lost is left, and another is looked for`(isTold: Bool) async throws {
    let shop = try Workshop()
    let isMoved = Mutex(false)
    let (old, new) = (shop.data.path + "/old", shop.data.path + "/new")
    mkdir(old, 0o700)
    mkdir(new, 0o700)
    let resolver: VolumeResolver = { [source = shop.source] job, known in
      if isTold, isMoved.withLock({ $0 }), known.bound.first?.binding.path == old {
        return .lost(reason: "VolumeChanged", message: "pv is elsewhere")
      }
      let path = isMoved.withLock { $0 } ? new : old
      let binding = Binding(path: path, kind: .directory, volume: "pv")
      return .found(CopyPlaces(source: .directory(source), target: .directory(path), binding: binding))
    }
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(PlainEngine(holdsAt: Int64(PlainEngine.chunk)).engine, resolver: resolver)
    _ = try await shop.job("uid-a") { $0.step == .copying && $0.progress.done > 0 }
    shop.stop()
    isMoved.withLock { $0 = true }
    let plain = PlainEngine()
    try shop.start(plain.engine, resolver: resolver)
    _ = try await shop.job("uid-a") { $0.step == .reported }
    #expect(try FileManager.default.contentsOfDirectory(atPath: old).isEmpty)
    #expect(FileManager.default.contentsEqual(atPath: shop.source + "/disk.img", andPath: new + "/disk.img"))
    #expect(plain.seen.withLock { $0.resumedAt.last } == 0)
  }

  @Test func `a volume that was refused before the first byte is free for others`() async throws {
    let shop = try Workshop()
    let refusal = CopyError(.doesNotFit, side: .target, message: "2 is less than 3", remedy: "grow it")
    let volume = shop.data.path + "/pv"
    mkdir(volume, 0o700)
    let resolver: VolumeResolver = { [source = shop.source] _, known in
      let binding = Binding(path: volume, kind: .directory, volume: "pv")
      guard known.bound.isEmpty else { return .notYet(reason: "NoVolume", message: "none is free") }
      return .found(CopyPlaces(source: .directory(source), target: .directory(volume), binding: binding))
    }
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(PlainEngine(failures: [refusal]).engine, resolver: resolver)
    let failed = try await shop.job("uid-a") { $0.failure == .final }
    #expect(failed.targetPlace == nil && DataVolumeStatus(failed).conditions[0].isTrue == false)
    _ = try await shop.journal.record([.sample("b")])
    _ = try await shop.job("uid-b") { $0.step == .reported }
    #expect(
      FileManager.default.contentsEqual(atPath: shop.source + "/disk.img", andPath: volume + "/disk.img"))
  }

  @Test func `a retry after that disk was moved away makes a disk of our own`() async throws {
    let shop = try Workshop()
    _ = try await shop.journal.record([.sample("a")])
    let path = try #require(shop.store.path(namespace: "target", name: "a"))
    try shop.store.make(path)
    try Data("someone's".utf8).write(to: URL(filePath: path + "/disk.img"))
    try shop.start(PlainEngine().engine)
    _ = try await shop.job("uid-a") { $0.failure == .final }
    unlink(path + "/disk.img")
    try await shop.journal.retry(key: "uid-a")
    _ = try await shop.job("uid-a") { $0.step == .reported }
    try await deleteAll(shop)
    #expect(!exists(path))
  }

  private func deleteAll(_ shop: Workshop) async throws {
    try await shop.journal.delete(ObjectName(kind: "DataVolume", namespace: "target", name: "a"))
    _ = try await shop.soon("the job's end") {
      try await shop.journal.jobs(JobFilter(includesRemoved: true)).isEmpty ? true : nil
    }
  }

  @Test(arguments: ["volumes", "volumes/n", "volumes/n/dv"])
  func `no link is followed`(step: String) throws {
    let data = TemporaryDirectory()
    let elsewhere = TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: elsewhere.path + "/n/dv", withIntermediateDirectories: true)
    for place in ["", "/dv", "/n/dv"] {
      try FileManager.default.createDirectory(
        atPath: elsewhere.path + place, withIntermediateDirectories: true)
      _ = FileManager.default.createFile(atPath: elsewhere.path + place + "/disk.img", contents: Data([1]))
    }
    let parent = URL(filePath: "\(data.path)/\(step)").deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(data.path)/\(step)", withDestinationPath: elsewhere.path)
    let store = VolumeStore(data: data.path)
    let path = try #require(store.path(namespace: "n", name: "dv"))
    #expect(throws: VolumeStoreError.self) {
      try store.remove(Binding(path: path, kind: .directory), includingImage: true)
    }
    #expect(throws: VolumeStoreError.self) { try store.make(path) }
    for place in ["", "/dv", "/n/dv"] { #expect(exists(elsewhere.path + place + "/disk.img")) }
  }

  @Test(arguments: [
    ("..", "dv"), ("n", ".."), ("n", "."), ("", "dv"), ("n", ""), ("n/m", "dv"), ("n", "a/b"), ("N", "dv"),
    ("n", "Dv"),
    ("n", "a..b"), ("n", "-a"), ("n", "a-"), ("n.m", "dv"), ("n", "a\0b"), ("n", "é"),
    (String(repeating: "a", count: 64), "dv"), ("n", String(repeating: "a", count: 254)),
  ])
  func `a name that Kubernetes would refuse never becomes a path`(namespace: String, name: String) {
    #expect(VolumeStore(data: "/data").path(namespace: namespace, name: name) == nil)
  }

  @Test(arguments: [("n", "dv"), ("a-1", "a.b-c.d"), ("0", "9"), ("n", String(repeating: "a", count: 253))])
  func `an ordinary name does`(namespace: String, name: String) {
    #expect(
      VolumeStore(data: "/data").path(namespace: namespace, name: name)
        == "/data/volumes/\(namespace)/\(name)")
  }
}
