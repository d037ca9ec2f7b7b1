import Admission
import Control
import JSON
import Testing

@Suite struct VolumeCopyTests {
  static let uid = "7d1f2c1e-0000-4000-8000-000000000001"

  static func disk(_ n: Int, mode: String = "Filesystem") -> JSONValue {
    [
      "namespace": "source", "claim": .string("disk-\(n)"), "claimUID": .string("c-\(n)"),
      "volume": .string("pv-\(n)"), "volumeUID": .string("v-\(n)"), "volumeMode": .string(mode),
    ]
  }

  static var object: JSONValue {
    [
      "apiVersion": "clonegate.dev/v1alpha1", "kind": "VolumeCopy",
      "metadata": [
        "name": .string(uid), "uid": "order-1", "resourceVersion": "7",
        "finalizers": ["clonegate.dev/copier"],
      ],
      "spec": [
        "dataVolume": ["namespace": "target", "name": "copy", "uid": .string(uid)], "source": disk(1),
        "target": disk(2, mode: "Block"), "nodeName": "node-a", "preallocation": true, "verify": "read",
        "attempt": 3,
      ],
      "status": ["observedAttempt": 3, "phase": "Copying", "bytesTotal": 100, "bytesDone": 40],
    ]
  }

  @Test func `an order is read and written without loss`() throws {
    let copy = try VolumeCopy(JSONNode(Self.object))
    #expect(copy.order.json == Self.object["spec"])
    #expect(copy.name == Self.uid && copy.uid == "order-1" && copy.isHeldByCopier && !copy.isBeingDeleted)
    #expect(copy.order.attempt == 3 && copy.order.target.mode == .block)
    #expect(copy.report?.bytesDone == 40 && copy.report?.phase == .copying)
  }

  @Test(arguments: [
    (["dataVolume", "uid"], "a/b" as JSONValue, "spec.dataVolume.uid"),
    (["dataVolume", "namespace"], "a.b", "spec.dataVolume.namespace"),
    (["source", "claim"], "../x", "spec.source.claim"), (["source", "volume"], .null, "spec.source.volume"),
    (["source", "volumeMode"], "Tape", "spec.source.volumeMode"), (["target"], .null, "spec.target"),
    (["target", "volumeUID"], "v-1", "spec.target"), (["target", "claimUID"], "c-1", "spec.target"),
    (["nodeName"], "Node A", "spec.nodeName"), (["preallocation"], "yes", "spec.preallocation"),
    (["verify"], "maybe", "spec.verify"), (["attempt"], 0, "spec.attempt"),
    (["attempt"], .number("1.5"), "spec.attempt"), (["attempt"], .number("9999999999"), "spec.attempt"),
  ])
  func `a broken order is refused by the name of its field`(path: [String], value: JSONValue, field: String) {
    var object = Self.object
    var spec = object["spec"]!
    if path.count == 1 {
      spec[path[0]] = value
    } else {
      var inner = spec[path[0]]!
      inner[path[1]] = value
      spec[path[0]] = inner
    }
    object["spec"] = spec
    let problem = #expect(throws: VolumeCopyProblem.self) { try VolumeCopy(JSONNode(object)) }
    #expect(problem?.field == field)
  }

  @Test func `an order bears its DataVolume's uid as a name`() {
    var object = Self.object
    object["metadata"]!["name"] = "other"
    let problem = #expect(throws: VolumeCopyProblem.self) { try VolumeCopy(JSONNode(object)) }
    #expect(problem?.field == "metadata.name")
  }

  @Test func `a report is read and written without loss`() throws {
    let report = VolumeCopyReport.full
    #expect(try VolumeCopyReport(status: JSONNode(report.json)) == report)
    let patch = try #require(report.mergePatch["status"])
    #expect(try VolumeCopyReport(status: JSONNode(patch)) == report)
  }

  @Test func `a patch clears what an earlier attempt said`() {
    let patch = VolumeCopyReport(observedAttempt: 2, phase: .waiting).mergePatch["status"]
    #expect(patch?["finishTime"] == .null && patch?["message"] == .null && patch?["digest"] == .null)
    #expect(patch?["observedAttempt"] == 2 && patch?["retryable"] == false)
  }

  @Test(arguments: [
    ("phase", "Odd" as JSONValue), ("observedAttempt", -1), ("bytesTotal", -5), ("finishTime", "yesterday"),
    ("restarts", .number("1e3")),
  ])
  func `a broken report is refused`(name: String, value: JSONValue) {
    var status = VolumeCopyReport.full.json
    status[name] = value
    let problem = #expect(throws: VolumeCopyProblem.self) { try VolumeCopyReport(status: JSONNode(status)) }
    #expect(problem?.field == "status.\(name)")
  }

  @Test func `texts are one line and stay within the CRD's limits`() throws {
    var report = VolumeCopyReport.full
    report.message = "a\nb" + String(repeating: "x", count: 5000)
    report.reason = String(repeating: "R", count: 500)
    let written = report.json
    #expect(written["message"]!.string!.utf8.count <= 4096 && written["reason"]!.string!.utf8.count <= 128)
    #expect(!written["message"]!.string!.contains("\n"))
  }

  @Test func `a node's label is its name, or one of 63 characters that differs`() {
    #expect(VolumeCopy.nodeLabel("node-a.example") == "node-a.example")
    let long = String(repeating: "n", count: 200)
    let (a, b) = (VolumeCopy.nodeLabel(long + "a"), VolumeCopy.nodeLabel(long + "b"))
    #expect(a.utf8.count == 63 && b.utf8.count == 63 && a != b)
  }
}

extension VolumeCopyReport {
  /// Every field says something.
  static var full: VolumeCopyReport {
    var report = VolumeCopyReport(observedAttempt: 3, phase: .failed)
    report.reason = "SourceReadFailed"
    report.message = "the source could not be read"
    report.isRetryable = true
    report.restarts = 2
    (report.bytesTotal, report.bytesDone, report.bytesWritten) = (100, 40, 30)
    (report.bytesZero, report.bytesReflinked, report.bytesPerSecond, report.secondsLeft) = (5, 5, 10, 6)
    (report.method, report.digest) = ("extents", "tree-sha256:00")
    report.preallocation = Preallocation(requested: "full", achieved: "unwritten")
    report.startTime = UTCTime("2026-11-23T06:40:01Z")
    report.finishTime = UTCTime("2026-11-23T06:41:01Z")
    report.heartbeatTime = UTCTime("2026-11-23T06:41:02Z")
    return report
  }
}
