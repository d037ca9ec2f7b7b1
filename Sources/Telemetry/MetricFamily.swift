/// All the series of one metric.
struct MetricFamily {
  let kind: MetricKind
  private var series: [MetricLabels: any MetricSeries] = [:]

  init(kind: MetricKind) { self.kind = kind }

  /// The series with these labels. Beyond `limit`, the one series that stands for the rest.
  mutating func find(
    _ labels: MetricLabels, limit: Int, make: () -> any MetricSeries
  ) -> any MetricSeries {
    let labels = series[labels] != nil || series.count < limit ? labels : .overflow
    if let known = series[labels] { return known }
    let made = make()
    series[labels] = made
    return made
  }

  mutating func remove(_ gone: AnyObject) {
    series = series.filter { $0.value !== gone }
  }

  func write(name: String, help: String?, to text: inout String) {
    if let help { text += "# HELP \(name) \(Self.escape(help))\n" }
    text += "# TYPE \(name) \(kind.rawValue)\n"
    for (labels, series) in series.sorted(by: { $0.key.text < $1.key.text }) {
      series.write(name: name, labels: labels, to: &text)
    }
  }

  private static func escape(_ help: String) -> String {
    help.unicodeScalars.map { $0 == "\\" ? "\\\\" : $0 == "\n" ? "\\n" : String($0) }.joined()
  }
}
