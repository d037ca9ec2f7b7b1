import ArgumentParser
import Jobs
import Testing

@testable import clonegate

@Suite struct `Limits on the command line` {
  @Test func `change what is given and keep the rest`() throws {
    let kept = WorkerLimits(parallel: 3, bytesPerSecond: 1, parallelPerDevice: 2, bytesPerSecondPerDevice: 5)
    #expect(try LimitOptions.parse([]).applied(to: kept) == kept)
    let device = try LimitOptions.parse(["--parallel-per-device", "off", "--limit-per-device", "1k"])
    #expect(
      device.applied(to: kept)
        == WorkerLimits(parallel: 3, bytesPerSecond: 1, bytesPerSecondPerDevice: 1000))
    let all = try LimitOptions.parse(["--parallel", "5", "--limit", "off", "--limit-per-device", "off"])
    #expect(all.applied(to: kept) == WorkerLimits(parallel: 5, parallelPerDevice: 2))
  }

  @Test(arguments: ["0", "65", "-1", "1.5", "all", ""])
  func `are refused when they are no number of copies`(text: String) {
    #expect(CopyCount(argument: text) == nil)
  }

  @Test func `read as people say them`() {
    let limits = WorkerLimits(parallel: 2, parallelPerDevice: 1, bytesPerSecondPerDevice: 1 << 20)
    #expect(limits.text == "parallel 2, limit off; per device: parallel 1, limit 1.0 MiB/s")
    #expect(WorkerLimits().text == "parallel 2, limit off; per device: parallel off, limit off")
  }
}
