/// One accepted clone and what became of it.
package struct Job: Sendable, Hashable, Identifiable {
  /// The order in which jobs were accepted.
  package let id: Int64
  package let key: String
  /// The DataVolume's uid.
  package let uid: String
  package let terms: CloneTerms
  package var step: JobStep
  /// Why it waits or failed: a CamelCase word for programs, a sentence for people; empty when all is well.
  package var reason: String
  package var message: String
  package var failure: Failure?
  /// Of a failed job: whether another try may succeed without anyone changing anything. A final failure of
  /// this kind is one that was tried often enough.
  package var isRetryable = false
  /// Counts what was ordered from outside (`Journal.attempt`), from 1.
  package var attempt = 1
  /// How often the copy was started again, by a retry or by a new worker.
  package var restarts: Int
  /// Someone asked to stop it.
  package var cancelRequested: Bool
  /// Its DataVolume was deleted: the worker removes the volume, then forgets the job.
  package var removed: Bool
  package var progress: JobProgress
  package var report: JobReport?
  /// Where the volumes are, once they were found.
  package var sourcePlace: String?
  package var targetPlace: String?
  /// Milliseconds since 1970.
  package let acceptedAt: Int64
  package var startedAt: Int64?
  package var finishedAt: Int64?

  /// What it wrote is to be taken away.
  package var isUnwanted: Bool { cancelRequested || removed }

  package enum Failure: Sendable, Hashable {
    /// Trying again cannot help: someone has to change something and retry by hand.
    case final
    /// Tried again at this time (milliseconds since 1970).
    case retry(at: Int64)
  }
}

/// How far the bytes are. All in bytes of the volume; the counts are those of the latest try.
package struct JobProgress: Sendable, Hashable {
  /// The volume's size; 0 while it is not known.
  package var total: Int64 = 0
  /// Dealt with, by whatever means and in whichever try; `total` at the end.
  package var done: Int64 = 0
  /// Of those, found finished when the latest try began.
  package var resumed: Int64 = 0
  package var read: Int64 = 0
  package var written: Int64 = 0
  /// Neither read nor written, or read and found to be zero.
  package var zero: Int64 = 0
  package var reflinked: Int64 = 0
  /// Read back from the target and compared.
  package var verified: Int64 = 0
  /// Bytes a second lately; 0 while it is not known.
  package var rate: Int64 = 0
  package init() {}
}

/// What is known about a finished copy.
package struct JobReport: Sendable, Hashable, Codable {
  /// Which way the bytes went: reflink, copy_file_range, threads; with the reasons why a faster way was not
  /// taken.
  package var strategy: String
  package var notes: [String]
  package var preallocationRequested: String
  package var preallocationAchieved: String
  /// The tree digest of the volume as text; empty when it was not asked for.
  package var digest: String
  /// `read` when the target was read back, `digest`, or `off`.
  package var verified: String
  package init(
    strategy: String, notes: [String], preallocationRequested: String, preallocationAchieved: String,
    digest: String,
    verified: String
  ) {
    self.strategy = strategy
    self.notes = notes
    self.preallocationRequested = preallocationRequested
    self.preallocationAchieved = preallocationAchieved
    self.digest = digest
    self.verified = verified
  }
}
