import Foundation
import Synchronization
import Testing
import VolumeCopy

@testable import Jobs

@Suite struct `The worker` {
  @Test func `copies what was recorded and reports it`() async throws {
    let shop = try Workshop()
    _ = try await shop.journal.record([.sample("a"), .sample("b")])
    try shop.start(PlainEngine().engine)
    for key in ["uid-a", "uid-b"] {
      let job = try await shop.job(key) { $0.step == .reported }
      #expect(job.phase == .succeeded && job.progressText == "100.0%" && job.restarts == 0)
      #expect(
        job.progress.total == 300_000 && job.progress.done == 300_000 && job.progress.written == 300_000)
      #expect(job.report?.digest == "plain" && job.report?.verified == "digest")
      #expect(job.startedAt != nil && job.finishedAt != nil)
      #expect(shop.isCopied(job.terms.name))
    }
    let totals = try await shop.journal.totals()
    #expect(totals.jobs == [.reported: 2] && totals.bytesCopied == 600_000)
  }

  @Test func `beats, and is seen to be gone`() async throws {
    let shop = try Workshop()
    #expect(try await shop.journal.worker() == nil)
    try shop.start(PlainEngine().engine)
    let presence = try await shop.soon("heartbeat") { try await shop.journal.worker() }
    #expect(presence.isAlive && presence.pid == getpid())
    let silent = WorkerPresence(instance: "x", pid: 1, silentSeconds: 11)
    #expect(!silent.isAlive && !WorkerPresence(instance: "x", pid: 1, silentSeconds: nil).isAlive)
  }

  @Test func `has the data directory to itself`() throws {
    let shop = try Workshop()
    try shop.start(PlainEngine().engine)
    #expect {
      _ = try Worker(
        journal: shop.journal, options: .quick, resolver: shop.resolver, engine: PlainEngine().engine,
        report: { _ in })
    } throws: { ($0 as? JournalError)?.code == .busy }
  }

  @Test func `runs no more copies at once than allowed, and follows a new limit`() async throws {
    let shop = try Workshop()
    let plain = PlainEngine(held: true)
    _ = try await shop.journal.record((0..<8).map { .sample("dv-\($0)") })
    try shop.start(plain.engine)
    _ = try await shop.soon("two copies") { plain.seen.withLock { $0.now == 2 } ? true : nil }
    try await Task.sleep(for: .milliseconds(250))
    #expect(plain.seen.withLock { $0.most } == 2)
    try await shop.journal.setLimits(WorkerLimits(parallel: 5))
    _ = try await shop.soon("five copies") { plain.seen.withLock { $0.now == 5 } ? true : nil }
    plain.isHeld.withLock { $0 = false }
    for number in 0..<8 { _ = try await shop.job("uid-dv-\(number)") { $0.step == .reported } }
    #expect(plain.seen.withLock { $0.most } == 5)
    #expect(plain.seen.withLock { $0.runs } == 8)
  }

  @Test func `tries again after a passing trouble, not after a lasting one`() async throws {
    let shop = try Workshop()
    let passing = CopyError(.readFailed, side: .source, message: "EIO", remedy: "wait", retryable: true)
    let lasting = CopyError(.doesNotFit, side: .target, message: "2 is less than 3", remedy: "grow it")
    // It passes once it was seen: a rest may be over before a busy machine looks, and the next is longer.
    let plain = PlainEngine(failures: Array(repeating: passing, count: 100))
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(plain.engine)
    let resting = try await shop.job("uid-a") { $0.step == .failed }
    plain.failures.withLock { $0 = [lasting] }
    #expect(
      resting.reason == "ReadFailed" && resting.message == "EIO; wait" && resting.phase == .cloneScheduled)
    let failed = try await shop.job("uid-a") { $0.failure == .final }
    #expect(failed.reason == "CloneValidationFailed" && failed.phase == .failed)
    #expect(failed.restarts == plain.seen.withLock { $0.runs } - 1)
    #expect(failed.message == "2 is less than 3; grow it")
    try await shop.journal.retry(key: "uid-a")
    let done = try await shop.job("uid-a") { $0.step == .reported }
    #expect(done.restarts == failed.restarts + 1 && done.reason.isEmpty && done.failure == nil)
  }

  @Test func `waits for a source in use without counting it as a failure`() async throws {
    let shop = try Workshop()
    let busy = CopyError(.sourceInUse, side: .source, message: "pid 7 (qemu) has it open", remedy: "stop it")
    _ = try await shop.journal.record([.sample("a")])
    let plain = PlainEngine(failures: Array(repeating: busy, count: 10_000))
    try shop.start(plain.engine)
    let waiting = try await shop.job("uid-a") { $0.step == .waiting }
    #expect(waiting.reason == "CloneSourceInUse" && waiting.message.contains("qemu"))
    // It tries again and again, and never stops saying why.
    let tries = plain.seen.withLock { $0.runs }
    while plain.seen.withLock({ $0.runs }) < tries + 5 {
      let job = try #require(try await shop.journal.job(key: "uid-a"))
      #expect(job.step == .waiting && job.reason == waiting.reason && job.message == waiting.message)
    }
    plain.failures.withLock { $0 = [] }
    let done = try await shop.job("uid-a") { $0.step == .reported }
    #expect(done.restarts == 0 && done.message.isEmpty)
  }

  @Test func `believes nothing of a copy that was found to be wrong`() async throws {
    let shop = try Workshop(sourceBytes: 2 << 20)
    let wrong = CopyError(.mismatch, side: .target, message: "it differs", remedy: "again", retryable: true)
    let plain = PlainEngine(wrongAtEnd: [wrong])
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(plain.engine)
    _ = try await shop.job("uid-a") { $0.step == .reported }
    #expect(plain.seen.withLock { $0.resumedAt } == [0, 0])
  }

  @Test func `looks at those who never waited before those who wait and wait`() async throws {
    let shop = try Workshop()
    let queue = JobQueue(journal: shop.journal, instance: "test")
    _ = try await shop.journal.record((0..<9).map { .sample("old-\($0)") } + [.sample("new")])
    let old = try await shop.journal.jobs().filter { $0.key != "uid-new" }
    for job in old { try queue.wait(job, step: .waiting, reason: "InUse", message: "in use", until: 1) }
    #expect(try queue.orders(most: 1, next: [], later: []).ready.map(\.key) == ["uid-new"])
    let next = try #require(old.last)
    #expect(try queue.orders(most: 1, next: [next.id], later: []).ready.map(\.key) == [next.key])
  }

  @Test func `waits no day because the clock was set back`() async throws {
    let shop = try Workshop()
    let queue = JobQueue(journal: shop.journal, instance: "test")
    _ = try await shop.journal.record([.sample("a"), .sample("b")])
    let (soon, far) = (MachineClock.now() + 60_000, MachineClock.now() + 86_400_000)
    for (job, until) in zip(try await shop.journal.jobs(), [soon, far]) {
      try queue.wait(job, step: .waiting, reason: "InUse", message: "in use", until: until)
    }
    #expect(try queue.orders(most: 9, next: [], later: []).ready.map(\.key) == ["uid-b"])
  }

  @Test func `waits for a volume that is missing and says which`() async throws {
    let shop = try Workshop()
    let isThere = Mutex(false)
    _ = try await shop.journal.record([.sample("a")])
    let found = shop.resolver
    try shop.start(
      PlainEngine().engine,
      resolver: { job, known in
        isThere.withLock { $0 }
          ? found(job, known) : .notYet(reason: "NoVolume", message: "create a Block volume")
      })
    let pending = try await shop.job("uid-a") { $0.reason == "NoVolume" }
    #expect(
      pending.phase == .pending && pending.message == "create a Block volume" && pending.step == .accepted)
    isThere.withLock { $0 = true }
    _ = try await shop.job("uid-a") { $0.step == .reported }
  }

  @Test func `goes on where a worker was told to leave`() async throws {
    let shop = try Workshop(sourceBytes: 2 << 20)
    let first = PlainEngine(holdsAt: 1 << 20)
    _ = try await shop.journal.record([.sample("a")])
    try shop.start(first.engine)
    _ = try await shop.soon("some bytes") { first.isHeld.withLock { $0 } ? true : nil }
    shop.stop()
    let job = try #require(try await shop.journal.job(key: "uid-a"))
    try #require(job.step == .copying || job.step == .prepared)
    let second = PlainEngine()
    try shop.start(second.engine)
    let done = try await shop.job("uid-a") { $0.step == .reported }
    #expect(done.restarts == 0)
    let resumed = try #require(second.seen.withLock { $0.resumedAt.first })
    #expect(resumed == 1 << 20 && second.seen.withLock { $0.copied } == (2 << 20) - resumed)
    #expect(shop.isCopied("a"))
  }
}
