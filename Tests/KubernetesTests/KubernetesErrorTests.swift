import HTTP
import JSON
import Testing

@testable import Kubernetes

@Suite struct KubernetesErrorTests {
  static let refusals = Recorded.answers.filter { $0.status >= 400 }

  @Test func `the recordings are there`() {
    #expect(Recorded.answers.count > 90)
    #expect(Self.refusals.count > 35)
  }

  @Test(arguments: refusals) func `every recorded refusal has its reason, words and advice`(
    answer: Recorded.Answer
  ) throws {
    let error = KubernetesError(answer: try answer.response)
    #expect(error.code == answer.status)
    #expect(!error.message.isEmpty && !error.advice.isEmpty)
    #expect(error.description.contains(error.message))
    let status = try? Recorded.json(answer.file)
    if let message = status?["message"]?.string { #expect(error.message == message) }
    if let reason = status?["reason"]?.string { #expect(error.reason.rawValue == reason) }
    let causes = status?["details"]?["causes"]?.array ?? []
    #expect(error.causes.map(\.message) == causes.map { $0["message"]?.string ?? "" })
    #expect(error.causes.map(\.field) == causes.map { $0["field"]?.string })
  }

  @Test(arguments: [
    ("unauthorized.json", KubernetesError.Reason.unauthorized), ("forbidden-get.json", .forbidden),
    ("not-found-object.json", .notFound), ("not-found-route.txt", .notFound),
    ("create-already-exists.json", .alreadyExists), ("put-conflict.json", .conflict),
    ("create-invalid.json", .invalid), ("patch-json-test-failed.json", .invalid),
    ("list-clusterroles-continue-expired.json", .expired), ("list-exact-expired.json", .expired),
    ("too-large.json", .requestTooLarge), ("list-rv-too-large.json", .timeout),
    ("watch-datavolumes-bad-rv.jsonl", .internalError),
    ("unsupported-patch-type.json", .unsupportedMediaType),
  ])
  func `a reason is what the server means`(file: String, reason: KubernetesError.Reason) throws {
    let answer = try #require(Recorded.answers.first { $0.file == file })
    #expect(KubernetesError(answer: try answer.response).reason == reason)
  }

  @Test func `the time to wait comes from the field, else from the Status`() throws {
    let recorded = try #require(Recorded.answers.first { $0.file == "list-rv-too-large.json" })
    var response = try recorded.response
    response.headers["retry-after"] = "7"
    #expect(KubernetesError(answer: response).retryAfter == .seconds(7))
    response.headers["retry-after"] = nil
    #expect(KubernetesError(answer: response).retryAfter == .seconds(1))
  }

  @Test func `a proxy's page becomes one harmless line`() {
    let body = Array("<html>\u{1b}[31m502\r\nBad Gateway\u{202e}</html>".utf8)
    let error = KubernetesError(answer: HTTPResponse(status: 502, body: body))
    #expect(error.reason == .internalError)
    #expect(error.message == "the server answered '<html> [31m502  Bad Gateway </html>'")
  }

  @Test(arguments: Recorded.answers.filter { $0.status < 300 && $0.file.hasSuffix(".json") })
  func `every recorded object goes through unchanged`(answer: Recorded.Answer) throws {
    let value = try JSONDocument(parsing: try Recorded.bytes(answer.file), limits: KubernetesLimits.page)
      .root.value
    #expect(try JSONValue(parsing: value.bytes) == value)
    #expect(value["kind"]?.string != nil || answer.file == "version.json")
  }
}
