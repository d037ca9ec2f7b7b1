internal import CoreMetrics
internal import Synchronization

/// Only grows. Whole increments are kept apart, so that none is rounded away.
final class MetricCounter: MetricSeries, CounterHandler, FloatingPointCounterHandler {
  static let kind = MetricKind.counter
  private let whole = Atomic<Int64>(0)
  private let part = AtomicDouble()

  func increment(by amount: Int64) {
    guard amount > 0 else { return }
    whole.wrappingAdd(amount, ordering: .relaxed)
  }

  func increment(by amount: Double) {
    guard amount > 0, amount.isFinite else { return }
    part.add(amount)
  }

  func reset() {
    whole.store(0, ordering: .relaxed)
    part.set(0)
  }

  func write(name: String, labels: MetricLabels, to text: inout String) {
    let (whole, part) = (whole.load(ordering: .relaxed), part.value)
    text += "\(name)\(labels.braced()) \(part == 0 ? "\(whole)" : metricText(Double(whole) + part))\n"
  }
}
