import Admission
import HTTP
import JSON
import Jobs
import Logging
import Testing

@testable import clonegate

@Suite struct `The admission endpoint` {
  private let home: TemporaryDirectory
  private let journal: Journal
  private let store = SnapshotStore(settings: AdmissionSettings())
  private let metrics = GateMetrics(version: "test")
  private var endpoint: AdmissionEndpoint {
    AdmissionEndpoint(
      store: store, recorder: CloneRecorder(journal: journal, store: store), metrics: metrics,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  init() throws {
    home = try TemporaryDirectory()
    journal = try Journal.open(directory: home.path + "/data")
    try home.write("objects/namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: images}\n")
  }

  private func load() { store.offer(StandaloneDirectory(path: home.path + "/objects").read()) }

  private func answer(
    _ path: String, method: String = "POST", type: String? = "application/json", body: JSONValue = [:]
  ) async -> HTTPResponse {
    var headers = HTTPHeaders()
    if let type { headers.add("content-type", type) }
    switch endpoint.handle(HTTPRequest(method: method, path: path, headers: headers, body: body.bytes)) {
    case .now(let response): return response
    case .later(let make): return await make()
    }
  }

  private func creation(uid: String, dryRun: Bool = false, kind: String = "DataVolume") -> JSONValue {
    [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "r1", "operation": "CREATE", "namespace": "images", "dryRun": .bool(dryRun),
        "kind": ["group": "cdi.kubevirt.io", "version": "v1beta1", "kind": .string(kind)],
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "userInfo": ["username": "alice"],
        "object": [
          "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
          "metadata": ["name": "copy", "namespace": "images", "uid": .string(uid)],
          "spec": [
            "source": ["pvc": ["namespace": "images", "name": "golden"]],
            "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
          ],
        ],
      ],
    ]
  }

  private func allowed(_ response: HTTPResponse) throws -> Bool? {
    try JSONValue(parsing: response.body)["response"]?["allowed"]?.bool
  }

  @Test(
    arguments: [
      ("/", "POST", "application/json", 404), ("/mutate/", "POST", "application/json", 404),
      ("/mutate", "GET", "application/json", 405), ("/validate", "PUT", "application/json", 405),
      ("/mutate", "POST", nil, 415), ("/mutate", "POST", "text/plain", 415),
      ("/mutate", "POST", "application/jsonx", 415), ("/mutate", "POST", "application/json", 400),
      ("/mutate", "POST", "Application/JSON ; charset=utf-8", 400),
    ] as [(String, String, String?, Int)])
  func `a request that is no review is refused with a Status`(
    path: String, method: String, type: String?, status: Int
  ) async throws {
    load()
    let response = await answer(path, method: method, type: type)
    #expect(response.status == status)
    let body = try JSONValue(parsing: response.body)
    #expect(body["kind"] == "Status")
    #expect(body["code"]?.int == Int64(status))
    #expect(body["message"]?.string?.isEmpty == false)
    #expect((response.headers["allow"] == nil) == (status != 405))
  }

  @Test func `before a policy is loaded every review is sent away, to come again`() async throws {
    for path in ["/mutate", "/validate"] {
      let response = await answer(path, body: creation(uid: "u1"))
      #expect(response.status == 503)
      #expect(response.headers["retry-after"] == "1")
    }
    #expect(try await journal.jobs().isEmpty)
  }

  @Test func `an accepted creation is in the journal when the answer is there`() async throws {
    load()
    #expect(try allowed(await answer("/mutate", body: creation(uid: ""))) == true)
    #expect(try allowed(await answer("/validate", body: creation(uid: "u1", dryRun: true))) == true)
    #expect(try await journal.jobs().isEmpty)
    #expect(try allowed(await answer("/validate", body: creation(uid: "u1"))) == true)
    #expect(try await journal.jobs().map(\.key) == ["u1"])
    #expect(try allowed(await answer("/validate", body: creation(uid: "u1"))) == true)
    #expect(try await journal.jobs().map(\.key) == ["u1"])
    #expect(try allowed(await answer("/validate", body: creation(uid: "u2"))) == false)
  }

  @Test func `a yes that cannot be recorded is never said`() async throws {
    load()
    journal.close()
    let response = await answer("/validate", body: creation(uid: "u1"))
    #expect(response.status == 500)
    #expect(response.headers["retry-after"] == "1")
    #expect(try JSONValue(parsing: response.body)["kind"] == "Status")
    let text = await metrics.exposition(ReadinessReport(checks: []))
    #expect(text.contains("clonegate_journal_failures_total 1\n"))
    #expect(text.contains(#"clonegate_webhook_requests_total{code="500",webhook="/validate"} 1"#))
  }

  @Test func `work that a busy server drops is not in flight, and a stranger's kind makes no series`() async {
    load()
    let request = HTTPRequest(
      method: "POST", path: "/validate", headers: ["content-type": "application/json"],
      body: creation(uid: "u1").bytes)
    guard case .later = endpoint.handle(request) else { return #expect(Bool(false), "it is recorded later") }
    for kind in ["K1", "K2"] { _ = await answer("/validate", body: creation(uid: "u1", kind: kind)) }
    let text = await metrics.exposition(ReadinessReport(checks: []))
    #expect(text.contains(#"clonegate_webhook_requests_in_flight{webhook="/validate"} 0"#))
    #expect(text.contains(#"kind="other""#) && !text.contains("K1"))
  }

  @Test func `what is counted tells path, verdict and rule, and nothing is left in flight`() async throws {
    load()
    _ = await answer("/validate", body: creation(uid: "u1"))
    _ = await answer("/validate", type: nil)
    let text = await metrics.exposition(ReadinessReport(checks: []))
    let labels = #"{dry_run="false",kind="DataVolume",operation="CREATE",rule="same-namespace","#
    #expect(
      text.contains("clonegate_decisions_total" + labels + #"verdict="allowed",webhook="/validate"} 1"#))
    #expect(text.contains(#"clonegate_webhook_requests_total{code="415",webhook="/validate"} 1"#))
    #expect(text.contains(#"clonegate_webhook_latency_seconds_count{webhook="/validate"} 2"#))
    #expect(text.contains(#"clonegate_webhook_requests_in_flight{webhook="/validate"} 0"#))
    for line in text.split(separator: "\n") where line.hasPrefix("# HELP ") {
      let name = line.split(separator: " ")[2]
      #expect(GateMetric(rawValue: String(name)) != nil, "\(name) is not in the documented list")
    }
  }
}
