/// Counts over all jobs, for metrics.
package struct JobTotals: Sendable, Hashable {
  package var jobs: [JobStep: Int]
  /// Bytes that reached targets since the journal was made, also by jobs that are gone.
  package var bytesCopied: Int64
  package var restarts: Int64
}
