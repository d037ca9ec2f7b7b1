import ArgumentParser
import Jobs

/// Lists and steers the durable jobs. The action is an argument rather than a subcommand, so that options may
/// stand before it.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List the jobs, oldest first; cancel or retry one; limit them all.",
    discussion: """
      clonegate jobs               lists them
      clonegate jobs cancel KEY    stops a job; what it wrote is removed
      clonegate jobs retry KEY     tries a failed or cancelled job again, now
      clonegate jobs limit         shows how much is copied at once, in all and on
                                   each device; with --parallel, --limit,
                                   --parallel-per-device or --limit-per-device
                                   changes it, also for a worker that runs
      """)

  enum Action: String, ExpressibleByArgument, CaseIterable { case list, cancel, retry, limit }

  @Argument(help: "list, cancel, retry or limit.")
  var action = Action.list

  @Argument(help: "Key of the job, or NAMESPACE/NAME of its DataVolume.")
  var key: String?

  @OptionGroup var storage: StorageOptions
  @OptionGroup var gate: GateOptions

  @Option(name: [.customShort("n"), .long], help: "Only this namespace.")
  var namespace: String?

  @OptionGroup(title: "Limits")
  var limits: LimitOptions

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  func validate() throws {
    let isAboutOne = action == .cancel || action == .retry
    if let key, !isAboutOne { throw ValidationError("\(action.rawValue) takes no key, but there is \(key)") }
    if isAboutOne, key == nil { throw ValidationError("\(action.rawValue) which job? give its key") }
    if action != .limit, limits.areGiven {
      throw ValidationError("--parallel, --limit and those per device go with: clonegate jobs limit")
    }
  }

  func run() async throws {
    switch action {
    case .list:
      let journal = try storage.journal.openIfThere()
      JobListing(output: output).show(try await journal?.jobs(JobFilter(namespace: namespace)) ?? [])
    case .cancel:
      let journal = try journal()
      let job = try await journal.cancel(key: try await key(in: journal))
      tell(job, job.step == .cancelled ? "cancelled" : "is being cancelled")
    case .retry:
      let journal = try journal()
      tell(try await journal.retry(key: try await key(in: journal)), "will be tried again")
    case .limit:
      let kept = try await storage.journal.open().keep(limits)
      Console.out(output?.text(kept.json) ?? kept.text)
    }
  }

  /// The journal that must be there, because it has the job.
  private func journal() throws -> Journal {
    if let journal = try storage.journal.openIfThere() { return journal }
    throw CommandFailure.failed(
      "there is no journal in \(storage.data)", hint: "--data is the gate's data directory")
  }

  /// The key of the job that people mean: by its key, or by its DataVolume's namespace and name.
  private func key(in journal: Journal) async throws -> String {
    let word = key ?? ""
    if try await journal.job(key: word) != nil { return word }
    let parts = word.split(separator: "/").map(String.init)
    guard parts.count == 2, let job = try await journal.job(namespace: parts[0], name: parts[1]) else {
      return word
    }
    return job.key
  }

  private func tell(_ job: Job, _ what: String) {
    Console.out(output?.text(job.json) ?? "job \(job.key) \(what)")
  }
}
