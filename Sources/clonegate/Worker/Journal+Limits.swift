import JSON
import Jobs

extension Journal {
  /// Changes what is given, keeps the rest; answers what holds now.
  func keep(_ changes: LimitOptions) async throws(JournalError) -> WorkerLimits {
    let kept = try await limits()
    guard changes.areGiven else { return kept }
    let limits = changes.applied(to: kept)
    try await setLimits(limits)
    return limits
  }
}

extension WorkerLimits {
  /// For people: `parallel 2, limit 200.0 MiB/s; per device: parallel 1, limit off`.
  var text: String {
    let mostPerDevice = parallelPerDevice.map { String($0) } ?? "off"
    return "parallel \(parallel), limit \(Self.rate(bytesPerSecond)); "
      + "per device: parallel \(mostPerDevice), limit \(Self.rate(bytesPerSecondPerDevice))"
  }

  private static func rate(_ bytesPerSecond: Int64?) -> String {
    bytesPerSecond.map { "\(ByteText.short($0))/s" } ?? "off"
  }

  var json: JSONValue {
    [
      "parallel": .number(String(parallel)), "bytesPerSecond": Self.number(bytesPerSecond),
      "parallelPerDevice": Self.number(parallelPerDevice),
      "bytesPerSecondPerDevice": Self.number(bytesPerSecondPerDevice),
    ]
  }

  private static func number(_ value: (some BinaryInteger)?) -> JSONValue {
    value.map { .number("\($0)") } ?? .null
  }
}
