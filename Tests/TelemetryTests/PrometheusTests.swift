import CoreMetrics
import Metrics
import Testing

@testable import Telemetry

@Suite struct PrometheusTests {
  private let registry = PrometheusRegistry()

  private func read() throws -> PrometheusText { try PrometheusText(registry.exposition()) }

  @Test func `a registry without metrics writes nothing`() {
    #expect(registry.exposition() == "")
  }

  @Test func `each kind is written with its type and help`() throws {
    registry.setHelp("clones_total", "Clones judged")
    Counter(label: "clones_total", dimensions: [("allowed", "true")], factory: registry).increment(by: 3)
    FloatingPointCounter(label: "seconds_total", factory: registry).increment(by: 0.25)
    Gauge(label: "days_left", factory: registry).record(12.5)
    Meter(label: "jobs", dimensions: [("state", "running")], factory: registry).increment(by: 2)
    registry.setBuckets("duration_seconds", [0.1, 1])
    let timer = Timer(label: "duration_seconds", factory: registry)
    for nanoseconds in [50_000_000, 100_000_000, 500_000_000, 3_000_000_000] as [Int64] {
      timer.recordNanoseconds(nanoseconds)
    }
    #expect(
      registry.exposition() == """
        # HELP clones_total Clones judged
        # TYPE clones_total counter
        clones_total{allowed="true"} 3
        # TYPE days_left gauge
        days_left 12.5
        # TYPE duration_seconds histogram
        duration_seconds_bucket{le="0.1"} 2
        duration_seconds_bucket{le="1"} 3
        duration_seconds_bucket{le="+Inf"} 4
        duration_seconds_sum 3.65
        duration_seconds_count 4
        # TYPE jobs gauge
        jobs{state="running"} 2
        # TYPE seconds_total counter
        seconds_total 0.25

        """)
    _ = try read()
  }

  @Test(arguments: ["plain", "a\"b", "a\\b", "a\nb", "a\\\"\n\\n", "é😀", "", "{}", "a,b=\"c\""])
  func `a label's value reads back as it was, whatever it holds`(_ value: String) throws {
    Counter(label: "x_total", dimensions: [("reason", value), ("kind", "VM")], factory: registry).increment()
    #expect(try read().value("x_total", ["reason": value, "kind": "VM"]) == 1)
  }

  @Test func `help with line breaks stays on its line`() throws {
    registry.setHelp("x", "first\nsecond \\ third")
    Gauge(label: "x", factory: registry).record(1)
    #expect(try read().families["x"]?.help == "first\\nsecond \\\\ third")
  }

  @Test func `names that the format forbids are made fit`() throws {
    Counter(label: "1.my-metric é", dimensions: [("le", "a"), ("__x", "b"), ("a-b", "c")], factory: registry)
      .increment()
    #expect(try read().value("_1_my_metric___", ["label_le": "a", "label___x": "b", "a_b": "c"]) == 1)
  }

  @Test func `the order of labels and of making does not matter`() throws {
    Counter(label: "b_total", dimensions: [("x", "1"), ("a", "2")], factory: registry).increment()
    Counter(label: "b_total", dimensions: [("a", "2"), ("x", "1")], factory: registry).increment()
    Counter(label: "b_total", dimensions: [("a", "1")], factory: registry).increment()
    Counter(label: "a_total", factory: registry).increment()
    let text = try read()
    #expect(text.order == ["a_total", "b_total"])
    #expect(text.families["b_total"]?.samples.map(\.value) == [1, 2])
  }

  @Test func `labels that never end are counted in one series`() throws {
    for i in 0..<2000 {
      Counter(label: "x_total", dimensions: [("name", "n\(i)")], factory: registry).increment()
    }
    let text = try read()
    #expect(text.samples("x_total").count == PrometheusRegistry.maxSeries + 1)
    #expect(text.value("x_total", ["overflow": "true"]) == Double(2000 - PrometheusRegistry.maxSeries))
    #expect(text.samples("x_total").reduce(0) { $0 + $1.value } == 2000)
  }

  @Test func `a long label is cut at a character`() throws {
    Counter(label: "x_total", dimensions: [("n", String(repeating: "é", count: 500))], factory: registry)
      .increment()
    #expect(try read().samples("x_total").first?.labels["n"] == String(repeating: "é", count: 128))
  }

  @Test func `a counter never goes down and forgets no small part`() throws {
    let counter = Counter(label: "x_total", factory: registry)
    counter.increment(by: 9_007_199_254_740_993)
    counter.increment(by: -5)
    #expect(registry.exposition().contains("x_total 9007199254740993\n"))
    counter.reset()
    #expect(registry.exposition().contains("x_total 0\n"))
  }

  @Test func `values that are no numbers are written as the format has them`() throws {
    let gauge = Gauge(label: "g", factory: registry)
    for (value, text) in [
      (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e-7, "1e-07"), (1e21, "1e+21"),
    ] {
      gauge.record(value)
      #expect(registry.exposition() == "# TYPE g gauge\ng \(text)\n")
    }
    let recorder = Recorder(label: "h", aggregate: true, factory: registry)
    recorder.record(Double.nan)
    recorder.record(1)
    #expect(try read().value("h_count") == 1)
  }

  @Test func `a destroyed series is gone and comes back from zero`() throws {
    let gauge = Gauge(label: "g", dimensions: [("job", "a")], factory: registry)
    Gauge(label: "g", dimensions: [("job", "b")], factory: registry).record(2)
    gauge.record(1)
    gauge.destroy()
    #expect(try read().samples("g").map(\.labels) == [["job": "b"]])
    Meter(label: "g", dimensions: [("job", "a")], factory: registry).increment(by: 5)
    #expect(try read().value("g", ["job": "a"]) == 5)
  }

  @Test func `no count is lost when every core counts`() async throws {
    let (tasks, rounds) = (8, 20_000)
    registry.setBuckets("h", [0.5, 1.5])
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<tasks {
        group.addTask { [registry] in
          for round in 0..<rounds {
            Counter(label: "c_total", dimensions: [("t", "\(round % 3)")], factory: registry).increment()
            FloatingPointCounter(label: "f_total", factory: registry).increment(by: 0.5)
            Meter(label: "m", factory: registry).increment(by: task % 2 == 0 ? 1 : -1)
            Recorder(label: "h", aggregate: true, factory: registry).record(round % 2 + (task % 2) * 2)
          }
        }
      }
    }
    let text = try read()
    #expect(text.samples("c_total").reduce(0) { $0 + $1.value } == Double(tasks * rounds))
    #expect(text.value("f_total") == Double(tasks * rounds) / 2)
    #expect(text.value("m") == 0)
    #expect(text.value("h_bucket", ["le": "0.5"]) == Double(tasks * rounds / 4))
    #expect(text.value("h_bucket", ["le": "1.5"]) == Double(tasks * rounds / 2))
    #expect(text.value("h_count") == Double(tasks * rounds))
    #expect(text.value("h_sum") == Double(tasks * rounds) * 1.5)
  }
}
