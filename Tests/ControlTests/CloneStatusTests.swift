import Admission
import Control
import JSON
import Testing

/// The status as `kubectl get dv` shows it.
@Suite struct CloneStatusTests {
  private func condition(_ model: ClusterModel, _ type: String) -> JSONValue? {
    model.status?["conditions"]?.array?.first { $0["type"]?.string == type }
  }

  @Test func `a copy under way shows bytes, rate and time left`() {
    var model = ClusterModel.scheduled
    model.report(.copying) {
      ($0.bytesTotal, $0.bytesDone) = (1 << 30, 275 << 20)
      ($0.bytesPerSecond, $0.secondsLeft, $0.method) = (310 << 20, 192, "extents")
    }
    model.settle()
    #expect(
      model.status?["copy"] == [
        "bytesDone": 288_358_400, "bytesTotal": 1_073_741_824, "bytes": "275MiB/1.00GiB",
        "rate": "310MiB/s", "timeLeft": "3m12s", "method": "extents",
      ])
    #expect(model.status?["progress"] == "26.85%" && model.status?["claimName"] == "copy")
    #expect(condition(model, "Ready")?["reason"] == "TransferRunning")
  }

  @Test func `a condition keeps its times while it stays as it is`() {
    var model = ClusterModel.scheduled
    let bound = condition(model, "Bound")
    #expect(bound?["lastTransitionTime"]?.string == ClusterModel.start.description)
    model.pass(10)
    model.report(.copying)
    model.settle()
    #expect(condition(model, "Bound") == bound)
    let running = condition(model, "Running")
    #expect(running?["lastTransitionTime"]?.string == model.now.description)
    model.pass(10)
    model.report(.verifying)
    model.settle()
    #expect(condition(model, "Running")?["lastTransitionTime"] == running?["lastTransitionTime"])
    #expect(condition(model, "Running")?["lastHeartbeatTime"]?.string == model.now.description)
  }

  @Test func `restarts are attempts after the first and restarts within them, and never fewer than before`() {
    var model = ClusterModel.scheduled
    model.report(.copying) { $0.restarts = 2 }
    model.settle()
    #expect(model.status?["restartCount"] == 2)
    model.report(.copying) { $0.restarts = 1 }
    model.settle()
    #expect(model.status?["restartCount"] == 2)
  }

  @Test func `the end is Ready, and has no reason any more`() {
    var model = ClusterModel.scheduled
    model.report(.succeeded)
    model.settle()
    #expect(condition(model, "Ready")?["status"] == "True")
    #expect(condition(model, "Running")?["reason"] == "Completed")
    #expect(condition(model, "Bound")?["message"] == "PVC copy Bound")
    #expect(model.status?["copy"] == nil)
  }

  @Test(
    arguments: [
      (0, 0, "N/A"), (0, 100, "0.00%"), (1, 3, "33.33%"), (7, 100, "7.00%"), (100, 100, "99.99%"),
      (200, 100, "99.99%"), (Int64.max, Int64.max, "99.99%"),
    ] as [(Int64, Int64, String)])
  func `progress has two decimals and is whole only at the end`(done: Int64, total: Int64, text: String) {
    var model = ClusterModel.scheduled
    model.report(.copying) { ($0.bytesDone, $0.bytesTotal) = (done, total) }
    model.settle()
    #expect(model.status?["progress"]?.string == text)
  }
}
