import ArgumentParser
import JSON
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
  @OptionGroup var unasked: UnaskedOptions

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: "Only the jobs of this manifest's DataVolumes, or - (repeatable); no effect on limit.")
  var files: [String] = []

  @Option(name: [.customShort("n"), .long], help: "Only this namespace.")
  var namespace: String?

  @OptionGroup(title: "Limits")
  var limits: LimitOptions

  @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
  var output: OutputFormat?

  @Option(help: "server: say what would come of it, change nothing.")
  var dryRun = DryRun.none

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    let isAboutOne = action == .cancel || action == .retry
    if let key, !isAboutOne { throw ValidationError("\(action.rawValue) takes no key, but there is \(key)") }
    if isAboutOne, (key == nil) == files.isEmpty {
      throw ValidationError("\(action.rawValue) which job? give its key, or -f FILE")
    }
    if action != .limit, limits.areGiven {
      throw ValidationError("--parallel, --limit and those per device go with: clonegate jobs limit")
    }
  }

  func run() async throws {
    try storage.checkDirectory()
    let journal = try storage.journal.open()
    let isTrial = dryRun == .server
    switch action {
    case .list:
      let jobs = try await chosen(in: journal)
      JobListing(output: output, namespace: namespace).show(jobs)
    case .cancel:
      try await change(journal) { key in
        let job = try await journal.cancel(key: key, isTrial: isTrial)
        return (job, job.step == .cancelled ? "cancelled" : "is being cancelled")
      }
    case .retry:
      try await change(journal) {
        (try await journal.retry(key: $0, isTrial: isTrial), "will be tried again")
      }
    case .limit:
      let kept = try await isTrial ? limits.applied(to: journal.limits()) : journal.keep(limits)
      Console.out(output?.text(kept.json) ?? kept.text)
    }
  }

  private func chosen(in journal: Journal) async throws -> [Job] {
    let chosen = try ManifestInput.dataVolumes(files, namespace: namespace)
    return try await journal.jobs(JobFilter(namespace: namespace)).of(chosen)
  }

  /// Each job that was named; one that cannot be changed holds up no other.
  private func change(_ journal: Journal, _ body: (String) async throws -> (Job, String)) async throws {
    guard files.isEmpty else {
      var jobs: [Job] = []
      let named = try await chosen(in: journal)
      for job in named {
        do {
          let (changed, what) = try await body(job.key)
          jobs.append(changed)
          say(changed, what)
        } catch let error as JournalError { Console.error("clonegate: \(error)") }
      }
      if let output { Console.out(output.text(.array(jobs.map(\.json)))) }
      if named.isEmpty { throw CommandFailure.failed("none of these DataVolumes has a job") }
      if jobs.count < named.count { throw ExitCode(CommandFailure.failedCode) }
      return
    }
    let (job, what) = try await body(try await key(in: journal))
    say(job, what)
    if let output { Console.out(output.text(job.json)) }
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

  private func say(_ job: Job, _ what: String) {
    let dry = dryRun == .server ? " (server dry run)" : ""
    if output == nil { Console.out("job \(job.key) \(what)\(dry)") }
  }
}
