import Admission
import JSON
import Jobs
import Testing

@testable import clonegate

@Suite struct `The clone recorder` {
  private let home: TemporaryDirectory
  private let journal: Journal
  private let store = SnapshotStore(settings: AdmissionSettings())
  private var recorder: CloneRecorder { CloneRecorder(journal: journal, store: store) }

  init() throws {
    home = try TemporaryDirectory()
    journal = try Journal.open(directory: home.path + "/data")
    try home.write("objects/claim.yaml", Self.source)
    store.offer(StandaloneDirectory(path: home.path + "/objects").read())
  }

  private static let source = """
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: golden, namespace: images}
    spec: {resources: {requests: {storage: 1Gi}}, accessModes: [ReadWriteOnce]}
    """

  private func review(uid: String, name: String, source: String, dryRun: Bool = false) -> [UInt8] {
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "r1", "operation": "CREATE", "namespace": "images", "dryRun": .bool(dryRun),
        "kind": ["group": "cdi.kubevirt.io", "version": "v1beta1", "kind": "DataVolume"],
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "userInfo": ["username": "alice"],
        "object": [
          "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
          "metadata": ["name": .string(name), "namespace": "images", "uid": .string(uid)],
          "spec": [
            "source": ["pvc": ["namespace": "images", "name": .string(source)]],
            "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
          ],
        ],
      ],
    ]
    return review.bytes
  }

  private func validate(uid: String, name: String = "copy", source: String = "golden") throws -> Judgement {
    try #require(store.current).judge.validate(review(uid: uid, name: name, source: source))
  }

  @Test func `an accepted clone is one job, however often the review comes`() async throws {
    for _ in 1...3 {
      let judgement = try validate(uid: "u1")
      #expect(judgement.decision.allowed)
      guard case .recorded = await recorder.record(judgement) else {
        Issue.record("it was not recorded")
        return
      }
    }
    let jobs = try await journal.jobs()
    #expect(jobs.map(\.key) == ["u1"])
    #expect(jobs[0].terms.requestedBytes == 1 << 30)
    #expect(jobs[0].terms.requester == "alice")
  }

  @Test func `another object of the same name is told that the name is taken`() async throws {
    _ = await recorder.record(try validate(uid: "u1"))
    let judgement = try validate(uid: "u2")
    guard case .taken(let message) = await recorder.record(judgement) else {
      Issue.record("two objects have one name")
      return
    }
    #expect(try await journal.jobs().map(\.key) == ["u1"])
    #expect(message == "DataVolume images/copy exists already")
    let answer = try JSONValue(parsing: NameTaken.answer(to: judgement, message: message))
    #expect(answer["apiVersion"] == "admission.k8s.io/v1")
    #expect(answer["response"]?["uid"] == "r1")
    #expect(answer["response"]?["allowed"] == false)
    #expect(answer["response"]?["status"]?["code"] == 409)
  }

  @Test func `the next review knows the claim of the last one`() async throws {
    #expect(try validate(uid: "u2", name: "second", source: "copy").decision.warnings.count == 1)
    _ = await recorder.record(try validate(uid: "u1"))
    #expect(try validate(uid: "u2", name: "second", source: "copy").decision.warnings == [])
  }

  @Test func `a journal that cannot be written is a failure, never a yes`() async throws {
    let judgement = try validate(uid: "u1")
    journal.close()
    guard case .failed = await recorder.record(judgement) else {
      Issue.record("something was accepted without a job")
      return
    }
  }
}
