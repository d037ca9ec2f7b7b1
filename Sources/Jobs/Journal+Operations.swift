import GRDB

/// What the gate's health, metrics and settings need.
extension Journal {
  /// Counts for metrics.
  package func totals() async throws(JournalError) -> JobTotals {
    try await read { db in
      let counts = try Row.fetchAll(
        db, sql: "SELECT step, count(*) AS jobs FROM jobs WHERE removed = 0 GROUP BY step")
      let sums = try Row.fetchOne(db, sql: "SELECT bytes_copied, restarts FROM totals")
      return JobTotals(
        jobs: Dictionary(
          counts.compactMap { row in JobStep(rawValue: row["step"]).map { ($0, row["jobs"]) } },
          uniquingKeysWith: { $0 + $1 }),
        bytesCopied: sums?["bytes_copied"] ?? 0, restarts: sums?["restarts"] ?? 0)
    }
  }

  /// Writes and flushes: throws when a clone could not be recorded now. For readiness, every few seconds.
  package func checkWritable() async throws(JournalError) {
    try await write { try Settings.set($0, Settings.probe, String(MachineClock.now())) }
  }

  /// The worker that beat last; nil when there was never one.
  package func worker() async throws(JournalError) -> WorkerPresence? {
    try await read { try WorkerTable.fetch($0) }
  }

  package func limits() async throws(JournalError) -> WorkerLimits {
    try await read { try Settings.limits($0) }
  }

  /// Takes effect in a running worker within a second.
  package func setLimits(_ limits: WorkerLimits) async throws(JournalError) {
    try await write { try Settings.setLimits($0, limits) }
  }

  /// The directory of manifests that the gate serves, an absolute path: a worker that was started without one
  /// reads the volumes and claims there.
  package func standaloneDirectory() async throws(JournalError) -> String? {
    try await read { try Settings.get($0, Settings.standalone) }
  }

  package func setStandaloneDirectory(_ path: String) async throws(JournalError) {
    try await write { db in
      if let node = try Settings.get(db, Settings.node) {
        throw JournalError(.conflict, "this data directory holds the copies of node \(node): choose another")
      }
      try Settings.set(db, Settings.standalone, path)
    }
  }

  /// The node of a cluster whose copies the journal holds; nil for one machine without a cluster.
  package func node() async throws(JournalError) -> String? {
    try await read { try Settings.get($0, Settings.node) }
  }

  /// Says for good that the journal holds the copies of this node of a cluster: there, a job without an order
  /// is one whose order was deleted. Throws `conflict` when it holds anyone else's.
  package func dedicate(to node: String) async throws(JournalError) {
    try await write { db in
      let holder = try Settings.get(db, Settings.node)
      if let holder, holder != node {
        throw JournalError(
          .conflict, "this data directory holds the copies of node \(holder): choose another")
      }
      let isUsed = try Bool.fetchOne(
        db, sql: "SELECT EXISTS(SELECT 1 FROM jobs) OR EXISTS(SELECT 1 FROM settings WHERE name = ?)",
        arguments: [Settings.standalone])
      if holder == nil, isUsed == true {
        throw JournalError(.conflict, "this data directory is used without a cluster: choose another")
      }
      try Settings.set(db, Settings.node, node)
    }
  }
}
