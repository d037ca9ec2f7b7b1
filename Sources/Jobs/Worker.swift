import Foundation
import Glibc
import Synchronization
import VolumeCopy

/// Carries out the jobs of one data directory: takes them, copies so many at a time, stops them when asked,
/// removes the volumes of deleted DataVolumes, and takes up what an earlier worker left behind. One worker
/// holds the lease.
package final class Worker: Sendable {
  /// How often it looks whether anything changed: a count that SQLite keeps in memory, so looking costs
  /// nothing.
  static let lookEvery: Int32 = 100
  /// Waits and retries come due without anyone changing the journal.
  static let lookAnywayEvery: Int64 = 1_000
  static let beatEvery: Int64 = 1_000
  /// A dead worker's lock is free at once; a leaving one's after its last checkpoint.
  static let mostWaitForLease = 5.0
  /// Volumes being removed at the same time, beside the copies.
  static let mostClearing = 2

  private let context: WorkerContext
  private let lease: FileLock
  private let bell = Bell()
  private let state = Mutex(State())

  private struct State {
    var running: [Int64: JobRunner] = [:]
    /// A job ended: there may be room for another.
    var hasNews = false
    var isStopping = false
  }

  /// Takes the lease. Throws `busy` when another worker holds it.
  package convenience init(
    journal: Journal, options: WorkerOptions, resolver: @escaping VolumeResolver,
    report: @escaping @Sendable (WorkerEvent) -> Void
  ) throws(JournalError) {
    try self.init(journal: journal, options: options, resolver: resolver, engine: .volumes, report: report)
  }

  init(
    journal: Journal, options: WorkerOptions, resolver: @escaping VolumeResolver, engine: CopyEngine,
    report: @escaping @Sendable (WorkerEvent) -> Void
  ) throws(JournalError) {
    lease = try Self.takeLease(of: journal)
    context = WorkerContext(
      queue: JobQueue(
        journal: journal, instance: UUID().uuidString.lowercased(), releasesPlaces: options.releasesPlaces),
      volumes: VolumeStore(data: journal.directory, beneath: options.root), resolver: resolver,
      engine: engine, options: options,
      limiter: RateLimiter(bytesPerSecond: 0), report: report)
  }

  private static func takeLease(of journal: Journal) throws(JournalError) -> FileLock {
    do throws(JournalError) {
      return try FileLock.take(journal.directory + "/worker.lock", waiting: mostWaitForLease)
    } catch {
      guard error.code == .busy else { throw error }
      throw JournalError(
        .busy, "another worker holds \(journal.directory): each data directory has one; stop that one first")
    }
  }

  /// Works until `stop`. Blocks: call it on a thread of your own.
  package func run() throws(JournalError) {
    defer { lease.release() }
    try context.queue.beat(pid: getpid())
    let adopted = try context.queue.adopt()
    if adopted > 0 { context.log(.warning, "takes up \(adopted) jobs of a worker that is gone", nil) }
    var look = Look()
    while wait() { attempt { () throws(JournalError) in try turn(&look) } }
    leave()
  }

  /// Lets the copies end at their next checkpoint; `run` returns when they have.
  package func stop() {
    state.withLock { $0.isStopping = true }
    bell.ring()
  }

  // MARK: one turn

  private struct Look {
    var changes: Int64 = -1
    var at: Int64 = 0
    var beat: Int64 = 0
  }

  /// False when it is time to leave.
  private func wait() -> Bool {
    bell.wait(milliseconds: Self.lookEvery)
    return !state.withLock { $0.isStopping }
  }

  private func turn(_ look: inout Look) throws(JournalError) {
    let now = MachineClock.uptimeMilliseconds()
    if now - look.beat >= Self.beatEvery {
      try context.queue.beat(pid: getpid())
      look.beat = now
    }
    let changes = try context.queue.changes()
    guard takeNews() || changes != look.changes || now - look.at >= Self.lookAnywayEvery else { return }
    try carryOut()
    look.changes = changes
    look.at = now
  }

  private func takeNews() -> Bool {
    state.withLock { state in
      defer { state.hasNews = false }
      return state.hasNews
    }
  }

  private func carryOut() throws(JournalError) {
    let limits = try context.queue.limits()
    context.limiter.follow(limits.bytesPerSecond ?? 0)
    context.devices.follow(limits)
    let orders = try orders()
    let active = runners
    for runner in active where orders.stopped.contains(runner.job.id) { runner.ask(.clear) }
    try context.queue.readopt(except: active.map(\.job.id))

    let clearing = active.count { $0.job.isUnwanted }
    for job in orders.unwanted.filter(isUnread).prefix(max(0, Self.mostClearing - clearing)) {
      try start(job)
    }
    for job in orders.ready.prefix(max(0, limits.parallel - (active.count - clearing))) {
      try start(job)
    }
  }

  private func orders() throws(JournalError) -> JobQueue.Orders {
    // In this order: a runner that ends between the two has written down that its job waits.
    let active = runners.map(\.job.id)
    context.devices.keep(only: try context.queue.inLine().union(active))
    let line = context.devices.order
    return try context.queue.orders(most: WorkerLimits.mostParallel, next: line.next, later: line.later)
  }

  /// A volume that a running copy reads is not pulled away from under it.
  private func isUnread(_ job: Job) -> Bool {
    guard let place = job.targetPlace else { return true }
    return !runners.contains { $0.reads(place) }
  }

  private var runners: [JobRunner] { state.withLock { Array($0.running.values) } }

  private func start(_ job: Job) throws(JournalError) {
    guard try context.queue.take(job) else { return }
    let runner = JobRunner(job: job, context: context)
    state.withLock { $0.running[job.id] = runner }
    let thread = Thread { [self] in
      runner.run()
      ended(runner)
    }
    thread.name = "job-\(job.id)"
    thread.start()
  }

  private func ended(_ runner: JobRunner) {
    context.devices.leave(runner.job.id)
    state.withLock { state in
      state.running[runner.job.id] = nil
      state.hasNews = true
    }
    bell.ring()
  }

  private func leave() {
    for runner in runners { runner.ask(.leave) }
    // A copy looks for cancellation twenty times a second (`CopyEvents`), so this ends.
    while !runners.isEmpty { bell.wait(milliseconds: Self.lookEvery) }
  }

  private func attempt(_ body: () throws(JournalError) -> Void) {
    do throws(JournalError) { try body() } catch {
      context.log(.error, "the journal cannot be used now: \(error)", nil)
      // Nothing can be done without it; try again, without filling the log.
      usleep(1_000_000)
    }
  }
}
