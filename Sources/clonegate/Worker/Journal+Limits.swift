import JSON
import Jobs

extension Journal {
  /// Changes what is given, keeps the rest; answers what holds now.
  func keep(parallel: Int?, limit: ByteRate?) async throws(JournalError) -> WorkerLimits {
    let kept = try await limits()
    guard parallel != nil || limit != nil else { return kept }
    let limits = WorkerLimits(
      parallel: parallel ?? kept.parallel,
      bytesPerSecond: limit == nil ? kept.bytesPerSecond : limit?.bytesPerSecond)
    try await setLimits(limits)
    return limits
  }
}

extension WorkerLimits {
  /// For people: `parallel 2, limit 200MiB/s`.
  var text: String {
    "parallel \(parallel), limit \(bytesPerSecond.map { "\(ByteText.short($0))/s" } ?? "off")"
  }

  var json: JSONValue {
    let rate = bytesPerSecond.map { String($0) }
    return [
      "parallel": .number(String(parallel)), "bytesPerSecond": rate.map { .number($0) } ?? .null,
    ]
  }
}
