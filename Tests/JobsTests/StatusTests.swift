import JSON
import Testing

@testable import Jobs

@Suite struct `A DataVolume's status` {
  static func job(
    _ step: JobStep, failure: Job.Failure? = nil, done: Int64 = 0, total: Int64 = 0, target: String? = "/t",
    reason: String = "", message: String = ""
  ) -> Job {
    var progress = JobProgress()
    progress.total = total
    progress.done = done
    return Job(
      id: 1, key: "k", uid: "k", terms: .sample("dv"), step: step, reason: reason, message: message,
      failure: failure, restarts: 3, cancelRequested: false, removed: false, progress: progress, report: nil,
      sourcePlace: nil, targetPlace: target, acceptedAt: 0, startedAt: nil, finishedAt: nil)
  }

  static let phases: [(Job, String, String)] = [
    (job(.accepted, target: nil), "Pending", "N/A"),
    (job(.waiting), "CloneScheduled", "N/A"),
    (job(.prepared, total: 100), "CloneScheduled", "N/A"),
    (job(.copying), "CloneInProgress", "N/A"),
    (job(.copying, done: 0, total: 100), "CloneInProgress", "0.00%"),
    (job(.copying, done: 1, total: 3), "CloneInProgress", "33.33%"),
    (job(.copying, done: 7, total: 10_000), "CloneInProgress", "0.07%"),
    (job(.copying, done: 100, total: 100), "CloneInProgress", "99.99%"),
    (job(.copied, done: 100, total: 100), "CloneInProgress", "99.99%"),
    (job(.verifying, done: 100, total: 100), "CloneInProgress", "99.99%"),
    (job(.verified, done: 100, total: 100), "CloneInProgress", "99.99%"),
    (job(.reported, done: 100, total: 100), "Succeeded", "100.0%"),
    (job(.reported), "Succeeded", "100.0%"),
    (job(.failed, failure: .final, done: 1, total: 2), "Failed", "50.00%"),
    (job(.failed, failure: .retry(at: 5)), "CloneScheduled", "N/A"),
    (job(.failed, failure: .retry(at: 5), target: nil), "Pending", "N/A"),
    (job(.cancelled, target: nil), "Failed", "N/A"),
  ]

  @Test(arguments: phases)
  func `speaks CDI's words`(job: Job, phase: String, progress: String) {
    let status = DataVolumeStatus(job)
    #expect(status.phase.rawValue == phase)
    #expect(status.progress == progress)
    #expect(status.json["restartCount"] == 3 && status.json["claimName"] == "dv")
  }

  @Test(arguments: JobStep.allCases)
  func `is ready only when the copy was reported`(step: JobStep) {
    let conditions = DataVolumeStatus(Self.job(step, failure: step == .failed ? .final : nil)).conditions
    #expect(conditions.map(\.type) == ["Bound", "Running", "Ready"])
    #expect(conditions[2].isTrue == (step == .reported))
    #expect(conditions[1].isTrue == step.isMoving)
    #expect(conditions.allSatisfy { !$0.message.contains("Optional") })
  }

  @Test func `says why it waits in the condition, not only in a log`() {
    let waiting = DataVolumeStatus(
      Self.job(.waiting, reason: "CloneSourceInUse", message: "pid 7 (qemu) has it open")
    ).json
    let running = waiting["conditions"]?.array?[1]
    #expect(running?["reason"] == "CloneSourceInUse" && running?["message"] == "pid 7 (qemu) has it open")
    let pending = DataVolumeStatus(
      Self.job(.accepted, target: nil, reason: "NoVolume", message: "no free PersistentVolume")
    ).json
    let bound = pending["conditions"]?.array?[0]
    #expect(bound?["status"] == "False" && bound?["reason"] == "NoVolume")
    #expect(bound?["message"] == "PVC dv Pending: no free PersistentVolume")
  }
}

extension Job: CustomTestStringConvertible {
  public var testDescription: String { "\(step.rawValue) \(progress.done)/\(progress.total)" }
}
