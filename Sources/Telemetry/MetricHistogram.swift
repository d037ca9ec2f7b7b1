internal import CoreMetrics
internal import Synchronization

/// How many values fell below each bound, and their sum.
final class MetricHistogram: MetricSeries, RecorderHandler, TimerHandler {
  static let kind = MetricKind.histogram
  private static let nanosecondsPerSecond = 1e9

  /// An atomic cannot be kept in an array; an object that holds one can.
  private final class Cell: Sendable { let count = Atomic<Int64>(0) }

  private let bounds: [Double]
  /// One for each bound and one for what is above all of them. Not cumulative: that is done when they are
  /// written, so that a value costs one addition, and `_count` is always the last bucket.
  private let cells: [Cell]
  private let sum = AtomicDouble()

  init(bounds: [Double]) {
    self.bounds = bounds
    cells = (0...bounds.count).map { _ in Cell() }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / Self.nanosecondsPerSecond) }
  func record(_ value: Int64) { record(Double(value)) }

  /// A value that is no number belongs to no bucket and would spoil the sum for ever: it is left out.
  func record(_ value: Double) {
    guard value.isFinite else { return }
    cells[place(of: value)].count.wrappingAdd(1, ordering: .relaxed)
    sum.add(value)
  }

  func write(name: String, labels: MetricLabels, to text: inout String) {
    var total: Int64 = 0
    for (cell, bound) in zip(cells, bounds + [.infinity]) {
      total += cell.count.load(ordering: .relaxed)
      text += "\(name)_bucket\(labels.braced("le=\"\(metricText(bound))\"")) \(total)\n"
    }
    text += "\(name)_sum\(labels.braced()) \(metricText(sum.value))\n"
    text += "\(name)_count\(labels.braced()) \(total)\n"
  }

  /// The first bound that is not below the value; bounds are few, so they are tried in turn.
  private func place(of value: Double) -> Int { bounds.firstIndex { value <= $0 } ?? bounds.count }
}
