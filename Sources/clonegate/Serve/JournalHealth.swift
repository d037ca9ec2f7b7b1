import Jobs

/// Whether the journal can be written and the worker beats, asked at most once a second however often a
/// probe comes.
actor JournalHealth {
  static let freshness = Duration.seconds(1)

  struct Finding: Sendable {
    /// Why a clone could not be recorded now.
    var journalProblem: String?
    var worker: WorkerPresence?
  }

  private let journal: Journal
  private var last: (finding: Finding, at: ContinuousClock.Instant)?

  init(_ journal: Journal) { self.journal = journal }

  var finding: Finding {
    get async {
      if let last, ContinuousClock.now - last.at < Self.freshness, last.finding.isFinal {
        return last.finding
      }
      var finding = Finding()
      do throws(JournalError) {
        try await journal.checkWritable()
        finding.worker = try await journal.worker()
      } catch {
        finding.journalProblem = "\(error)"
      }
      last = (finding, .now)
      return finding
    }
  }
}

extension JournalHealth.Finding {
  /// Nothing that is expected to change at any moment: a worker that has just been started is looked for
  /// again at once.
  fileprivate var isFinal: Bool { journalProblem == nil && worker?.isAlive == true }
}
