import Metrics
import Synchronization
import Telemetry

/// A counter for each combination of label values, looked up without asking the registry each time.
final class LabelledCounter: Sendable {
  private let metric: String
  private let labels: [String]
  private let registry: PrometheusRegistry
  private let counters = Mutex<[[String]: Counter]>([:])

  convenience init(_ metric: GateMetric, _ labels: String..., registry: PrometheusRegistry) {
    self.init(metric.rawValue, labels, registry: registry)
  }

  init(_ metric: String, _ labels: [String], registry: PrometheusRegistry) {
    self.metric = metric
    self.labels = labels
    self.registry = registry
  }

  /// - Parameter values: one for each label, in order.
  func add(_ values: String..., by amount: Int64 = 1) {
    let counter = counters.withLock { counters in
      if let known = counters[values] { return known }
      let made = Counter(
        label: metric, dimensions: Array(zip(labels, values)).map { ($0, $1) }, factory: registry)
      // The registry bounds the series; what is beyond its bound need not be remembered here.
      if counters.count < PrometheusRegistry.maxSeries { counters[values] = made }
      return made
    }
    counter.increment(by: amount)
  }
}
