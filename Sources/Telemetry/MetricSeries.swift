internal import Synchronization

/// The numbers behind one name and one set of labels.
protocol MetricSeries: AnyObject, Sendable {
  static var kind: MetricKind { get }
  /// Appends one line for each sample.
  func write(name: String, labels: MetricLabels, to text: inout String)
}

/// As the `# TYPE` line names it.
enum MetricKind: String, Sendable { case counter, gauge, histogram }

/// A number as Prometheus reads it.
func metricText(_ value: Double) -> String {
  if value.isNaN { return "NaN" }
  if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
  return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
}

/// A Double that many threads add to, exactly as if they took turns.
struct AtomicDouble: ~Copyable, Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  func add(_ value: Double) {
    var seen = bits.load(ordering: .relaxed)
    while true {
      let sum = (Double(bitPattern: seen) + value).bitPattern
      let (exchanged, original) = bits.weakCompareExchange(expected: seen, desired: sum, ordering: .relaxed)
      if exchanged { return }
      seen = original
    }
  }
}
