import ArgumentParser
import Jobs
import Kubernetes

/// Whether the copier of a node does its work, and what it counts.
struct NodeHealth: Sendable {
  private let journal: Journal
  private let health: JournalHealth
  private let metrics = GateMetrics(version: Clonegate.configuration.version)
  /// How following the orders stands.
  private let orders: @Sendable () -> ReflectorStanding

  init(journal: Journal, orders: @escaping @Sendable () -> ReflectorStanding) {
    self.journal = journal
    self.orders = orders
    health = JournalHealth(journal)
  }

  var endpoint: HealthEndpoint {
    HealthEndpoint(
      report: { await report },
      metrics: { report in
        await metrics.readJobs(journal, worker: nil)
        return await metrics.exposition(report)
      })
  }

  private var report: ReadinessReport {
    get async {
      let finding = await health.finding
      let beats = finding.worker?.isAlive == true
      return ReadinessReport(checks: [
        ReadinessCheck(name: "orders", problem: orders().doubt()),
        ReadinessCheck(name: "journal", problem: finding.journalProblem),
        ReadinessCheck(name: "worker", problem: beats ? nil : "it does not beat; see the log"),
      ])
    }
  }
}
