/// The worker as the journal last saw it.
package struct WorkerPresence: Sendable, Hashable {
  /// Differs for each start of a worker.
  package let instance: String
  package let pid: Int32
  /// Seconds since the last heartbeat, on a clock that no one can set; nil when it was before the machine
  /// started.
  package let silentSeconds: Double?

  /// A heartbeat is due each second; ten missed ones are a worker that hangs or is gone, not a busy disk.
  package static let aliveWithinSeconds = 10.0

  package var isAlive: Bool { silentSeconds.map { $0 < Self.aliveWithinSeconds } ?? false }
}
