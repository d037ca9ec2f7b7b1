import HTTP
import JSON
import Telemetry

/// The second listener, plain HTTP: is the process alive, should it be sent requests, what does it count.
struct HealthEndpoint: Sendable {
  /// What is ready and what is not.
  let report: @Sendable () async -> ReadinessReport
  /// Prometheus' text, the readiness with it.
  let metrics: @Sendable (ReadinessReport) async -> String

  func handle(_ request: HTTPRequest) -> HTTPReply {
    let answers: [String: @Sendable (Self, HTTPRequest) -> HTTPReply] = [
      // Answering at all is the proof: a loop that hangs does not.
      "/healthz": { _, _ in .now(.text("ok\n")) },
      "/readyz": { endpoint, request in .later { await endpoint.readiness(request) } },
      "/metrics": { endpoint, _ in .later { await endpoint.exposition() } },
    ]
    guard let answer = answers[request.path] else {
      return .now(.failure(404, "no such path; there are /healthz, /readyz and /metrics"))
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      var refusal = HTTPResponse.failure(405, "only GET is understood here")
      refusal.headers.add("allow", "GET, HEAD")
      return .now(refusal)
    }
    return answer(self, request)
  }

  private func readiness(_ request: HTTPRequest) async -> HTTPResponse {
    let report = await report()
    let status = report.isReady ? 200 : 503
    let wantsJSON = request.headers["accept"]?.contains("application/json") == true
    return wantsJSON ? .json(report.json.bytes, status: status) : .text(report.text, status: status)
  }

  private func exposition() async -> HTTPResponse {
    let text = await metrics(await report())
    return HTTPResponse(
      status: 200, headers: ["content-type": PrometheusRegistry.contentType], body: Array(text.utf8))
  }
}
