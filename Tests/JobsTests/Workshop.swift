import Foundation
import JSON
import Synchronization
import VolumeCopy

@testable import Jobs

/// A data directory with a source disk, a journal and workers on threads of their own.
final class Workshop: @unchecked Sendable {
  let data = TemporaryDirectory()
  let journal: Journal
  let events = Mutex<[WorkerEvent]>([])
  // Only the test's own task starts and stops workers.
  private var worker: Worker?
  private var over: Gate?

  var source: String { data.path + "/source" }
  var store: VolumeStore { VolumeStore(data: data.path) }

  init(sourceBytes: Int = 300_000) throws {
    journal = try Journal.open(directory: data.path)
    mkdir(source, 0o700)
    var generator = SystemRandomNumberGenerator()
    let bytes = Data(
      (0..<sourceBytes / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } })
    try bytes.write(to: URL(filePath: source + "/disk.img"))
  }

  deinit {
    stop()
    journal.close()
  }

  /// Every target in a directory of its own, every source the one disk.
  var resolver: VolumeResolver {
    { [source, store] job, _ in
      guard let path = store.path(namespace: job.terms.namespace, name: job.terms.name) else {
        return .refused(reason: "Name", message: "bad name")
      }
      return .found(
        CopyPlaces(
          source: .directory(source), target: .directory(path, beneath: store.root),
          binding: Binding(path: path, kind: .directory)))
    }
  }

  func start(
    _ engine: CopyEngine, options: WorkerOptions = .quick, resolver: VolumeResolver? = nil
  ) throws {
    let worker = try Worker(
      journal: journal, options: options, resolver: resolver ?? self.resolver, engine: engine,
      report: { [weak self] event in self?.events.withLock { $0.append(event) } })
    let over = Gate()
    Thread.detachNewThread {
      try? worker.run()
      over.open()
    }
    self.worker = worker
    self.over = over
  }

  func stop() {
    worker?.stop()
    over?.wait()
    worker = nil
    over = nil
  }

  func image(_ name: String) -> String { "\(store.root)/target/\(name)/disk.img" }

  func isCopied(_ name: String) -> Bool {
    FileManager.default.contentsEqual(atPath: source + "/disk.img", andPath: image(name))
  }

  /// Waits until the job is as it should be; nothing in a test waits longer than this.
  func job(_ key: String, isSoon condition: @Sendable (Job) -> Bool) async throws -> Job {
    try await soon("\(key)") {
      guard let job = try await self.journal.job(key: key), condition(job) else { return nil }
      return job
    }
  }

  func soon<T>(_ what: String, _ look: () async throws -> T?) async throws -> T {
    let end = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < end {
      if let found = try await look() { return found }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Late(description: "\(what) never came: \(try await journal.jobs(JobFilter(includesRemoved: true)))")
  }

  struct Late: Error, CustomStringConvertible { let description: String }
}

extension WorkerOptions {
  static var quick: WorkerOptions {
    var options = WorkerOptions()
    options.waitInterval = 50
    return options
  }
}

/// Opened once; whoever waits goes on.
final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  // Only touched while `condition` is locked; that is what makes this Sendable.
  private var isOpen = false

  func open() {
    condition.lock()
    isOpen = true
    condition.broadcast()
    condition.unlock()
  }

  func wait() {
    condition.lock()
    while !isOpen { condition.wait() }
    condition.unlock()
  }
}
