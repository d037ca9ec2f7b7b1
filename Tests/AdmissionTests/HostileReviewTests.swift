import Admission
import Foundation
import JSON
import Testing

/// Whatever is sent, there is an answer that an API server can read, and nothing traps.
@Suite struct HostileReviewTests {
  private static let objects = """
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: my-favorite-vm-disk, namespace: source-namespace}
    spec: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 1Gi}}}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: all}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts"}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: all}
    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
    """

  private static let bodies: [String] = [
    "", " ", "null", "[]", "{}", "\"x\"", "{\"kind\":\"AdmissionReview\"", "{\"request\":null}", "\u{feff}{}",
    String(repeating: "[", count: 5000), String(repeating: "{\"a\":", count: 5000),
    #"{"kind":"Status","apiVersion":"v1","request":{"uid":"u"}}"#,
    #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2","request":{"uid":"u"}}"#,
    review("null"), review("{}"), review(#"{"uid":"u"}"#), review(#"{"uid":1,"operation":"CREATE"}"#),
    review(#"{"uid":"u","operation":"READ"}"#), review(#"{"uid":"u","uid":"v"}"#),
    review(#"{"uid":"u","operation":"CREATE","dryRun":"yes"}"#),
    review(#"{"uid":"u","operation":"CREATE","userInfo":{"username":1}}"#),
    review(#"{"uid":"u","operation":"CREATE","userInfo":{"groups":["a",1]}}"#),
    review(#"{"uid":"u","operation":"CREATE","object":[]}"#),
    review(#"{"uid":""# + String(repeating: "u", count: 300) + #"","operation":"CREATE"}"#),
  ]

  private static func review(_ request: String) -> String {
    #"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":"# + request + "}"
  }

  @Test(arguments: bodies)
  func `a body that is no review gets 400 and a sentence`(body: String) throws {
    let judge = try World.judge()
    for judgement in [judge.mutate(Array(body.utf8)), judge.validate(Array(body.utf8))] {
      #expect(judgement.status == 400)
      #expect(!judgement.decision.allowed)
      let status = try JSONValue(parsing: judgement.body)
      #expect(status["kind"] == "Status")
      #expect(status["code"]?.int == 400)
      #expect(status["message"]?.string?.isEmpty == false)
    }
  }

  private static let samples = [
    "021-dv-clone-cross-namespace-storage-mutating", "083-dv-sourceref-cross-namespace-validating",
    "099-dv-registry-imagestream-validating",
    "188-vm-template-pvc-spec-mutating", "198-vm-sa-volume-validating", "220-vm-ssa-add-template-mutating",
    "129-dv-update-annotate-validating",
  ]

  private static let strange: [JSONValue] = [
    .null, true, 1, "", "x", .string("a\"b\\c\n\u{1b}[31m\u{202e}" + String(repeating: "ß", count: 300)), [],
    ["x"], [[]],
    [.null],
    {
      var empty = JSONValue.null
      empty["a"] = .object([:])
      return empty
    }(), .object([:]), .number("-1e30"),
  ]

  /// Puts every strange value into every place, one at a time.
  @Test(arguments: samples)
  func `any value in any place is answered, and the patch applies`(name: String) throws {
    let review = try World.json(World.recordings.appending(path: name + ".json"))
    let judge = try World.judge(Self.objects)
    for path in places(in: review["request"]?["object"] ?? .null) {
      for value in Self.strange {
        let body = replacing(path, in: review, with: value).bytes
        for judgement in [judge.mutate(body), judge.validate(body)] {
          let answer = try Answer(judgement)
          #expect(judgement.status == 200 || judgement.status == 400 && answer.allowed == nil)
          let said = answer.message + answer.warnings.joined()
          #expect(!said.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202e }, "\(path)")
          #expect(answer.message.utf8.count <= 4096)
          #expect(throws: Never.self) { try ReferencePatch.apply(answer.patch, toReview: body) }
        }
      }
    }
  }

  private func places(in value: JSONValue) -> [[String]] {
    if let object = value.object {
      return [[]]
        + object.keys.filter { $0 != "managedFields" }.flatMap { key in
          places(in: object[key]!).map { [key] + $0 }
        }
    }
    let list = value.array ?? []
    return [[]]
      + list.enumerated().flatMap { index, element in places(in: element).map { ["\(index)"] + $0 } }
  }

  private func replacing(_ path: [String], in review: JSONValue, with value: JSONValue) -> JSONValue {
    func put(_ node: JSONValue, _ rest: ArraySlice<String>) -> JSONValue {
      guard let step = rest.first else { return value }
      if var list = node.array, let index = Int(step) {
        list[index] = put(list[index], rest.dropFirst())
        return .array(list)
      }
      var node = node
      node[step] = put(node[step] ?? .null, rest.dropFirst())
      return node
    }
    return put(review, (["request", "object"] + path)[...])
  }

  @Test func `a thousand templates are refused with the limit`() throws {
    var review = try World.json(World.recordings.appending(path: "188-vm-template-pvc-spec-mutating.json"))
    let template = review["request"]?["object"]?["spec"]?["dataVolumeTemplates"]?.array?.first ?? .null
    var object = review["request"]?["object"] ?? .null
    var spec = object["spec"] ?? .null
    spec["dataVolumeTemplates"] = .array(Array(repeating: template, count: 1000))
    object["spec"] = spec
    var request = review["request"] ?? .null
    request["object"] = object
    review["request"] = request
    let answer = try Answer(World.judge(Self.objects).mutate(review.bytes))
    #expect(answer.allowed == false)
    #expect(answer.message.contains("256"))
  }

  @Test func `many refusals stay one readable answer`() throws {
    let template = "{metadata: {name: d%d}, spec: {source: {pvc: {namespace: n%d, name: x}}, storage: {}}}"
    let templates = (0..<200).map { template.replacingOccurrences(of: "%d", with: "\($0)") }
    let review = try World.value(
      yaml: """
        kind: AdmissionReview
        apiVersion: admission.k8s.io/v1
        request:
          uid: u
          operation: CREATE
          resource: {group: kubevirt.io, version: v1, resource: virtualmachines}
          namespace: target
          object: {metadata: {name: v}, spec: {dataVolumeTemplates: [\(templates.joined(separator: ", "))]}}
        """)
    let judgement = try World.judge().mutate(review.bytes)
    let answer = try Answer(judgement)
    #expect(answer.code == 403)
    #expect(answer.message.contains("and 197 more of this kind"))
    #expect(answer.causes.count == 32)
    #expect(judgement.body.count < 64 << 10)
  }
}
