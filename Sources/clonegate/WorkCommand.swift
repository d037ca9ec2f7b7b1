import ArgumentParser
import Foundation
import Jobs
import Logging
import Telemetry
import UnixSignals
import VolumeCopy

/// The worker: carries out the jobs of one data directory.
struct WorkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Run the copy worker.",
    discussion: "One worker for each data directory. SIGTERM ends it at the next checkpoint; nothing is lost."
  )

  @Option(help: "Directory of the journal and of the volumes that claims are given.")
  var data = ".clonegate"

  @Option(
    help: "Directory of Kubernetes YAML with volumes and claims (default: the one that the gate serves).")
  var standalone: String?

  @OptionGroup var node: NodeOptions

  @OptionGroup var limits: LimitOptions

  @Option(help: "How a copy is proven: off, digest (of what was read) or read (the target, read back).")
  var verify = Verification.digest

  @Option(help: "Threads of one copy (default: chosen by the engine).")
  var threads: Int?

  @Option(help: "Form of the log: json or text.")
  var logFormat = LogFormat.json

  @Option(
    help: ArgumentHelp("Bytes that a killed copy may have to copy again.", visibility: .hidden))
  var checkpointInterval = CopyLimits.checkpointInterval

  @Flag(
    help: ArgumentHelp("End with the gate that holds the other end of standard input.", visibility: .hidden))
  var followGate = false

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if node.node != nil, standalone != nil {
      throw ValidationError("give one of --standalone and --node, not both")
    }
    if let threads, !(1...CopyLimits.mostThreads).contains(threads) {
      throw ValidationError("--threads must be 1 to \(CopyLimits.mostThreads)")
    }
  }

  func run() async throws {
    do {
      if let standalone { _ = try StandaloneDirectory.existing(standalone) }
      let journal = try Journal.open(directory: data)
      defer { journal.close() }
      // What the flags say stays in the journal, where it can be changed while the worker runs.
      _ = try await journal.keep(limits)
      if let name = node.node { return try await work(for: name, journal) }
      let worker = try worker(
        journal, options, Self.standalone(standalone, VolumeStore(data: journal.directory)))
      let watch = Task {
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { worker.stop() }
      }
      defer { watch.cancel() }
      WorkerLog(format: logFormat).starts(in: journal.directory)
      if followGate { GatePipe.followGate() }
      try await Self.onOwnThread { try worker.run() }
    } catch let error as JournalError {
      throw CommandFailure.failed(error.description)
    }
  }

  /// On a node of a cluster: the worker beside what follows the orders; both leave together.
  private func work(for name: String, _ journal: Journal) async throws {
    let sink = LogSink(format: logFormat)
    let log = Logger(label: "clonegate.work") { LineLogHandler(label: $0, sink: sink) }
    try await journal.dedicate(to: name)
    let configuration = try ClusterAccess.configuration(node.cluster)
    let process = try NodeProcess(node, configuration, node: name, journal: journal, logger: log)
    var options = options
    options.root = node.root ?? "/"
    options.releasesPlaces = true
    let worker = try worker(journal, options, process.resolver)
    try await process.run(NodeWorker(work: { try worker.run() }, stop: { worker.stop() }))
  }

  private var options: WorkerOptions {
    var options = WorkerOptions()
    options.verification = verify
    options.threads = threads
    options.checkpointInterval = checkpointInterval
    return options
  }

  private func worker(
    _ journal: Journal, _ options: WorkerOptions, _ resolver: @escaping VolumeResolver
  ) throws(JournalError) -> Worker {
    let log = WorkerLog(format: logFormat)
    return try Worker(journal: journal, options: options, resolver: resolver, report: { log.write($0) })
  }

  /// Places by the manifests of a directory: the one named, else the one that the gate serves.
  private static func standalone(_ named: String?, _ store: VolumeStore) -> VolumeResolver {
    let reader = CatalogReader()
    return { job, known in
      guard let catalog = reader.catalog(at: named ?? known.standaloneDirectory) else {
        return .notYet(
          reason: "ManifestsUnreadable",
          message: "the standalone directory cannot be read whole; see the gate's log")
      }
      return PlaceFinder(job: job, known: known, catalog: catalog, store: store).resolve()
    }
  }

  /// The worker's loop blocks, so it must not run on Swift's pool.
  static func onOwnThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let thread = Thread { continuation.resume(with: Result { try body() }) }
      thread.name = "worker"
      thread.start()
    }
  }
}

extension Verification: ExpressibleByArgument {}
