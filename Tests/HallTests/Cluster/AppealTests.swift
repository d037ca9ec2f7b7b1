import Admission
import Authorization
import HTTP
import JSON
@testable import Kubernetes
import Logging
import Testing

@testable import clonegate

/// The gate in a cluster, with an API server that answers as the test says.
@Suite struct `An appeal to the API server` {
  private let store = SnapshotStore(settings: AdmissionSettings())
  private let metrics = GateMetrics(version: "test")

  init() { store.take(policy: .empty, inventory: Inventory(), objects: 0, notes: []) }

  private func answer(
    _ path: String = "/mutate", trusts: Bool = true, ask: @escaping SecondOpinion.Ask
  ) async throws -> (status: Int, body: JSONValue) {
    // A busy machine must not decide: there is no hurry here.
    let opinion = SecondOpinion(trustsPolicy: { trusts }, limit: .seconds(600), ask: ask)
    let endpoint = AdmissionEndpoint(
      store: store, recorder: nil, secondOpinion: opinion,
      metrics: metrics, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let request = HTTPRequest(
      method: "POST", path: path, headers: ["content-type": "application/json"], body: Self.review.bytes)
    var response: HTTPResponse
    switch endpoint.handle(request) {
    case .now(let now): response = now
    case .later(let make): response = await make()
    }
    return (response.status, try JSONValue(parsing: response.body))
  }

  private static let review: JSONValue = [
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
    "request": [
      "uid": "r1", "operation": "CREATE", "namespace": "target",
      "kind": ["group": "cdi.kubevirt.io", "version": "v1beta1", "kind": "DataVolume"],
      "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
      "userInfo": [
        "username": "alice", "groups": ["developers"], "extra": ["example.com/scope": ["all"]],
      ],
      "object": [
        "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
        "metadata": ["name": "copy", "namespace": "target", "uid": "u1"],
        "spec": [
          "source": ["pvc": ["namespace": "source", "name": "disk"]],
          "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
        ],
      ],
    ],
  ]

  private static func verdict(_ isAllowed: Bool) -> AccessVerdict {
    AccessVerdict(
      isAllowed: isAllowed, isDenied: false, reason: isAllowed ? "RBAC: by a binding" : "",
      evaluationError: nil
    )
  }

  private static let broken = KubernetesError(.unreachable, message: "connection refused")

  @Test(arguments: ["/mutate", "/validate"]) func `a yes allows at once`(path: String) async throws {
    let (status, body) = try await answer(path) { spec, _ throws(KubernetesError) in
      Self.verdict(spec["resourceAttributes"]?["resource"] == "datavolumes" && spec["user"] == "alice")
    }
    #expect(status == 200)
    #expect(body["response"]?["allowed"] == true)
    let text = await metrics.exposition(ReadinessReport(checks: []))
    #expect(text.contains(#"clonegate_second_opinions_total{result="allowed"} 1"#))
  }

  @Test func `a no is a refusal`() async throws {
    let (status, body) = try await answer { _, _ throws(KubernetesError) in Self.verdict(false) }
    #expect(status == 200)
    #expect(body["response"]?["allowed"] == false)
    #expect(body["response"]?["status"]?["code"]?.int == 403)
  }

  @Test func `who cannot be asked changes no refusal of a policy that is up to date`() async throws {
    let (status, body) = try await answer { _, _ throws(KubernetesError) in throw Self.broken }
    #expect(status == 200)
    #expect(body["response"]?["status"]?["code"]?.int == 403)
  }

  @Test func `where nobody can tell, it is said so and asked to come again`() async throws {
    let (status, body) = try await answer(trusts: false) { _, _ throws(KubernetesError) in throw Self.broken }
    #expect(status == 500)
    #expect(body["message"]?.string?.contains("connection refused") == true)
  }

  @Test func `one no among failures settles nothing while the policy is not trusted`() async throws {
    let (status, _) = try await answer(trusts: false) { spec, _ throws(KubernetesError) in
      if spec["user"] == "alice" { return Self.verdict(false) }
      throw Self.broken
    }
    #expect(status == 500)
  }

  @Test func `the questions are those of a SubjectAccessReview as CDI sends it`() {
    let user = UserInfo(name: "alice", uid: "7", groups: ["g"], extra: ["k": ["v"]])
    let question = Attributes(
      user: user, verb: "create", group: "cdi.kubevirt.io", resource: "datavolumes", subresource: "source",
      namespace: "source", name: "disk")
    let expected: JSONValue = [
      "user": "alice",
      "resourceAttributes": [
        "verb": "create", "group": "cdi.kubevirt.io", "resource": "datavolumes", "subresource": "source",
        "namespace": "source", "name": "disk",
      ],
      "groups": ["g"], "extra": ["k": ["v"]],
    ]
    #expect(SecondOpinion.spec(of: question) == expected)
  }
}
