import ArgumentParser
import Jobs

/// Lists and steers the durable jobs.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List the jobs; cancel or retry one; limit them all.",
    subcommands: [List.self, Cancel.self, Retry.self, LimitCommand.self], defaultSubcommand: List.self)

  /// What every one of them takes.
  struct Options: ParsableArguments {
    @OptionGroup var storage: StorageOptions
    @OptionGroup var gate: GateOptions

    @Option(name: .shortAndLong, help: "Output for programs: json or yaml.")
    var output: OutputFormat?
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the jobs, oldest first.")

    @OptionGroup var options: Options

    @Option(name: [.customShort("n"), .long], help: "Only this namespace.")
    var namespace: String?

    func run() async throws {
      let journal = try options.storage.journal.openIfThere()
      let jobs = try await journal?.jobs(JobFilter(namespace: namespace)) ?? []
      JobListing(output: options.output).show(jobs)
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cancel", abstract: "Stop a job; what it wrote is removed.")

    @Argument(help: "Key of the job, or NAMESPACE/NAME of its DataVolume.")
    var key: String

    @OptionGroup var options: Options

    func run() async throws {
      let journal = try options.storage.journal.open()
      let job = try await journal.cancel(key: try await journal.key(of: key))
      if let output = options.output { return Console.out(output.text(job.json)) }
      Console.out("job \(job.key) \(job.step == .cancelled ? "cancelled" : "is being cancelled")")
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "retry", abstract: "Try a failed or cancelled job again, now.")

    @Argument(help: "Key of the job, or NAMESPACE/NAME of its DataVolume.")
    var key: String

    @OptionGroup var options: Options

    func run() async throws {
      let journal = try options.storage.journal.open()
      let job = try await journal.retry(key: try await journal.key(of: key))
      if let output = options.output { return Console.out(output.text(job.json)) }
      Console.out("job \(job.key) will be tried again")
    }
  }
}

extension Journal {
  /// The key of the job that people mean: by its key, or by its DataVolume's namespace and name.
  fileprivate func key(of word: String) async throws -> String {
    if try await job(key: word) != nil { return word }
    let parts = word.split(separator: "/").map(String.init)
    guard parts.count == 2, let job = try await job(namespace: parts[0], name: parts[1]) else { return word }
    return job.key
  }
}
