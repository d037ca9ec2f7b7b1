import Control
import Testing

@testable import clonegate

@Suite struct ReportTests {
  struct Row: Sendable {
    let name: String
    let isProgress: Bool
    let change: @Sendable (inout VolumeCopyReport) -> Void
  }

  private static let rows: [Row] = [
    Row(name: "bytes", isProgress: true) { ($0.bytesDone, $0.bytesWritten, $0.bytesZero) = (5, 4, 1) },
    Row(name: "rate", isProgress: true) { ($0.bytesPerSecond, $0.secondsLeft) = (7, 8) },
    Row(name: "the moment", isProgress: true) { $0.heartbeatTime = nil },
    Row(name: "phase", isProgress: false) { $0.phase = .verifying },
    Row(name: "end", isProgress: false) { $0.phase = .succeeded },
    Row(name: "size", isProgress: false) { $0.bytesTotal = 9 },
    Row(name: "reason", isProgress: false) { $0.reason = "DeviceBusy" },
    Row(name: "restart", isProgress: false) { $0.restarts = 1 },
    Row(name: "attempt", isProgress: false) { $0.observedAttempt = 2 },
  ]

  @Test(arguments: rows) func `how far a copy is can wait, and what happens cannot`(row: Row) {
    var said = VolumeCopyReport(observedAttempt: 1, phase: .copying)
    (said.bytesTotal, said.bytesDone) = (10, 2)
    var report = said
    row.change(&report)
    #expect(report.saysNoMore(than: said) == row.isProgress, "\(row.name)")
  }
}
