internal import CoreMetrics

/// Goes up and down.
final class MetricGauge: MetricSeries, MeterHandler, RecorderHandler {
  static let kind = MetricKind.gauge
  private let number = AtomicDouble()

  func set(_ value: Int64) { number.set(Double(value)) }
  func set(_ value: Double) { number.set(value) }
  func increment(by amount: Double) { number.add(amount) }
  func decrement(by amount: Double) { number.add(-amount) }
  func record(_ value: Int64) { number.set(Double(value)) }
  func record(_ value: Double) { number.set(value) }

  func write(name: String, labels: MetricLabels, to text: inout String) {
    text += "\(name)\(labels.braced()) \(metricText(number.value))\n"
  }
}
