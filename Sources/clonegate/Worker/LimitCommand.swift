import ArgumentParser
import JSON
import Jobs

/// Shows what the worker may do at once, or changes it: a running worker follows within a second.
struct LimitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Show or change how much is copied at once, also while the worker runs.")

  @OptionGroup var options: JobsCommand.Options

  @Option(help: "Copies at the same time.")
  var parallel: Int?

  @Option(help: "Bandwidth of all copies together, such as 200MiB/s, or off.")
  var limit: ByteRate?

  func validate() throws { try WorkCommand.check(parallel: parallel) }

  func run() async throws {
    let journal = try options.storage.journal.open()
    let limits = try await journal.keep(parallel: parallel, limit: limit)
    let bandwidth = limits.bytesPerSecond.map { "\(ByteText.short($0))/s" } ?? "off"
    if let output = options.output {
      let rate = limits.bytesPerSecond.map { String($0) }
      return Console.out(
        output.text([
          "parallel": .number(String(limits.parallel)), "bytesPerSecond": rate.map { .number($0) } ?? .null,
        ]))
    }
    Console.out("parallel \(limits.parallel), limit \(bandwidth)")
  }
}

extension Journal {
  /// Changes what is given, keeps the rest; answers what holds now.
  func keep(parallel: Int?, limit: ByteRate?) async throws(JournalError) -> WorkerLimits {
    let kept = try await limits()
    guard parallel != nil || limit != nil else { return kept }
    let limits = WorkerLimits(
      parallel: parallel ?? kept.parallel,
      bytesPerSecond: limit == nil ? kept.bytesPerSecond : limit?.bytesPerSecond)
    try await setLimits(limits)
    return limits
  }
}
