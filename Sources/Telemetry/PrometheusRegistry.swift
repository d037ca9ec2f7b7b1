package import CoreMetrics
internal import Synchronization

/// A swift-metrics backend that keeps counters, gauges and histograms, and writes them in Prometheus' text
/// format 0.0.4.
///
/// Counting touches atomics only; the registry's lock is held to make a series and to write them all out.
/// Making the same name and labels again gives the series that is there. Counters and recorders with
/// `aggregate: false` (gauges) keep one number; timers and aggregating recorders are histograms, timers in
/// seconds whatever unit they are given.
package final class PrometheusRegistry: MetricsFactory, Sendable {
  /// Series of one metric. Labels that come from requests (a reason, a resource) have few values; what goes
  /// beyond is counted in one series labelled `overflow="true"`, so that no sender can fill the memory and no
  /// count is lost.
  package static let maxSeries = 500
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  /// Seconds. From an inline decision (some µs) to the API server's longest webhook timeout (30 s).
  package static let defaultBuckets: [Double] = [
    0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30,
  ]

  private struct State {
    var families: [String: MetricFamily] = [:]
    var help: [String: String] = [:]
    var buckets: [String: [Double]] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// The sentence that explains a metric to people.
  package func setHelp(_ metric: String, _ text: String) {
    state.withLock { $0.help[MetricName.metric(metric)] = text }
  }

  /// Upper bounds of a histogram, ascending and finite; to be set before the metric is first used. `+Inf` is
  /// added.
  package func setBuckets(_ metric: String, _ bounds: [Double]) {
    let ascending = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 } && bounds.allSatisfy(\.isFinite)
    precondition(ascending && !bounds.isEmpty, "bucket bounds of \(metric) must ascend and be finite")
    state.withLock { $0.buckets[MetricName.metric(metric)] = bounds }
  }

  /// Everything, ordered by name and labels, so that two readings differ only in numbers.
  package func exposition() -> String {
    state.withLock { state in
      var text = ""
      for (name, family) in state.families.sorted(by: { $0.key < $1.key }) {
        family.write(name: name, help: state.help[name], to: &text)
      }
      return text
    }
  }

  private func series<Series: MetricSeries>(
    _ name: String, _ labels: [(String, String)], _ make: ([Double]) -> Series
  ) -> Series {
    let name = MetricName.metric(name)
    let labels = MetricLabels(labels)
    return state.withLock { state in
      let bounds = state.buckets[name] ?? Self.defaultBuckets
      let found = state.families[name, default: MetricFamily(kind: Series.kind)]
        .find(labels, limit: Self.maxSeries) { make(bounds) }
      guard let series = found as? Series else {
        preconditionFailure("metric \(name) is a \(type(of: found).kind), not a \(Series.kind)")
      }
      return series
    }
  }

  private func forget(_ series: AnyObject) {
    state.withLock { state in
      for name in state.families.keys { state.families[name]?.remove(series) }
    }
  }
}

extension PrometheusRegistry {
  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions) { _ in MetricCounter() }
  }
  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions) { _ in MetricCounter() }
  }
  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions) { _ in MetricGauge() }
  }
  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return series(label, dimensions) { _ in MetricGauge() } }
    return series(label, dimensions) { MetricHistogram(bounds: $0) }
  }
  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions) { MetricHistogram(bounds: $0) }
  }

  package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
  package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
  package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
  package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}
