import Admission
import Foundation
import JSON
import Testing

/// The folders of `Cases`: a review, the objects of a cluster, and what both webhooks answer. `/validate` is
/// given what the patch of `/mutate` leaves, as an API server would.
@Suite struct CaseTests {
  static let names = World.names(in: World.cases)

  @Test func `every row of the design has cases`() {
    for row in ["3-", "4-", "5-", "b-02", "b-24", "b-30"] { #expect(count(row) > 0, "\(row)") }
    #expect(Self.names.count >= 180)
  }

  private func count(_ prefix: String) -> Int { Self.names.filter { $0.hasPrefix(prefix) }.count }

  @Test(arguments: names)
  func `a case is decided as written`(name: String) throws {
    let folder = World.cases.appending(path: name)
    let decision = try World.json(folder.appending(path: "decision.json"))
    let objects = try String(contentsOf: folder.appending(path: "objects.yaml"), encoding: .utf8)
    let judge = try World.judge(objects, settings: settings(decision["settings"]))
    var body = try World.bytes(folder.appending(path: "review.json"))
    if let expected = decision["mutate"] {
      let answer = try Answer(judge.mutate(body))
      try expect(answer, expected)
      #expect(answer.judgement.accepted.isEmpty)
      body = try ReferencePatch.apply(answer.patch, toReview: body)
      #expect(try !Answer(judge.mutate(body)).hasPatchMember, "mutating again changes something")
    }
    if let expected = decision["validate"] {
      let answer = try Answer(judge.validate(body))
      try expect(answer, expected)
      #expect(answer.judgement.accepted.map(summary) == expected["accepted"]?.array ?? [])
    }
  }

  private func expect(_ answer: Answer, _ expected: JSONValue) throws {
    #expect(answer.allowed == expected["allowed"]?.bool, "\(answer.message)")
    #expect(answer.judgement.decision.rule.rawValue == expected["rule"]?.string)
    #expect(answer.code == expected["code"]?.int.map(Int.init))
    #expect(answer.causes.map(\.field) == texts(expected["fields"]))
    #expect(answer.warnings == texts(expected["warnings"]))
    for text in texts(expected["says"]) {
      #expect(answer.message.contains(text), "\(answer.message)")
    }
    let patch = try answer.patch.map { try JSONSerialization.data(withJSONObject: $0) }
    let steps = try patch.map { try JSONValue(parsing: Array($0)).array ?? [] } ?? []
    #expect(steps == expected["patch"]?.array ?? [])
  }

  private func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }

  private func summary(_ clone: AcceptedClone) -> JSONValue {
    [
      "key": .string(clone.key), "source": .string("\(clone.sourceNamespace)/\(clone.sourceName)"),
      "target": .string("\(clone.namespace)/\(clone.name)"), "volumeMode": .string(clone.volumeMode.rawValue),
      "contentType": .string(clone.contentType.rawValue),
      "requestedBytes": clone.requestedBytes.map { .number("\($0)") } ?? .null,
      "storageClass": clone.storageClass.map { .string($0) } ?? .null,
      "accessModes": .array(clone.accessModes.map { .string($0) }),
      "preallocation": .bool(clone.preallocation), "requester": .string(clone.requester),
      "owner": clone.owner.map {
        ["kind": .string($0.kind), "name": .string($0.name), "uid": .string($0.uid)]
      } ?? .null,
    ]
  }

  private func settings(_ written: JSONValue?) -> AdmissionSettings {
    var settings = AdmissionSettings()
    if written?["subjectRule"] == "requester" { settings.subjectRule = .requester }
    settings.implicitPodGrant = written?["implicitPodGrant"]?.bool ?? true
    settings.preallocation = written?["preallocation"]?.bool ?? false
    settings.claimAdoption = written?["claimAdoption"]?.bool ?? false
    if written?["defaults"] == "none" { settings.defaults = .none }
    return settings
  }
}
