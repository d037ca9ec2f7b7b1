import JSON
import Jobs

/// Jobs as a table, or as JSON for programs.
struct JobListing: Sendable {
  let output: OutputFormat?
  /// The one that was looked in; nil for all.
  let namespace: String?

  func show(_ jobs: [Job]) {
    if let output { return Console.out(output.text(.array(jobs.map(\.json)))) }
    guard !jobs.isEmpty else {
      return Console.error("No jobs\(namespace.map { " in \($0) namespace" } ?? "").")
    }
    var table = TextTable(
      columns: [
        "KEY", "TARGET", "SOURCE", "STEP", "PROGRESS", "BYTES", "RATE", "ETA", "RESTARTS", "REASON",
      ])
    table.rows = jobs.map { job in
      let terms = job.terms
      return [
        job.key, "\(terms.namespace)/\(terms.name)", "\(terms.sourceNamespace)/\(terms.sourceName)",
        job.step.rawValue,
        job.progressText, job.bytesText, job.rateText, job.etaText, String(job.restarts), job.reason,
      ]
    }
    Console.out(([table.text] + Self.sentences(jobs)).joined(separator: "\n"))
  }

  /// What the word under REASON means, and what to do: a line below the table for each job that is held up.
  static func sentences(_ jobs: [Job]) -> [String] {
    let held = jobs.filter { !$0.step.isMoving && !$0.step.isFinal && !$0.message.isEmpty }
    return held.map { "\($0.terms.namespace)/\($0.terms.name): \($0.message)" }
  }
}
