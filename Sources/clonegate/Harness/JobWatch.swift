import JSON
import Jobs

/// Reads the journal several times a second and shows what changed.
struct JobWatch: Sendable {
  enum Display: Sendable { case bars, lines, json }

  let journal: Journal
  /// Nil for all namespaces.
  let namespace: String?
  /// Empty for all jobs.
  let names: Set<String>
  /// Of files; nil without them.
  var chosen: Set<ObjectName>?
  let display: Display
  /// Seconds; nil for no end but that of the jobs.
  let timeout: Double?

  /// The worker writes progress once a second; twice as often shows each value soon enough.
  private static let period = Duration.milliseconds(500)

  /// - Returns: whether every job ended well.
  func follow() async throws -> Bool {
    let end = timeout.map { ContinuousClock.now + .seconds($0) }
    var screen = JobScreen(display: display)
    var seen: [Int64: Job] = [:]
    while true {
      let jobs = try await jobs()
      try checkNames(jobs, seen)
      screen.show(jobs)
      for gone in seen.values where !jobs.contains(where: { $0.id == gone.id }) { screen.deleted(gone) }
      seen = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) })
      if jobs.allSatisfy(\.hasEnded) { return finish(jobs) }
      if let end, ContinuousClock.now >= end {
        throw CommandFailure.failed(
          "\(jobs.count { !$0.hasEnded }) of \(jobs.count) copies have not ended in time")
      }
      await warnWithoutWorker(&screen)
      try await Task.sleep(for: Self.period)
    }
  }

  private func jobs() async throws -> [Job] {
    try await journal.jobs(JobFilter(namespace: namespace)).of(chosen).filter {
      names.isEmpty || names.contains($0.terms.name)
    }
  }

  /// A name that never was is an error; one that was deleted meanwhile is not.
  private func checkNames(_ jobs: [Job], _ seen: [Int64: Job]) throws {
    guard seen.isEmpty else { return }
    let missing = names.subtracting(jobs.map(\.terms.name)).sorted()
    guard let first = missing.first else { return }
    throw CommandFailure.failed(
      "DataVolume \(namespace.map { $0 + "/" } ?? "")\(first) has no copy to watch",
      hint: "clonegate get dv -A lists all")
  }

  private func finish(_ jobs: [Job]) -> Bool {
    if jobs.isEmpty { Console.error("Nothing to watch.") }
    return jobs.allSatisfy { $0.step == .reported }
  }

  private func warnWithoutWorker(_ screen: inout JobScreen) async {
    guard let worker = try? await journal.worker(), worker.isAlive else {
      return screen.warnOnce("no worker is running; start `clonegate work`, or the gate without --no-worker")
    }
  }
}
