import Admission
import HTTP
import Jobs
import Logging

/// The gate's listener: `POST /mutate` and `POST /validate`. A judgement is made on the loop, at once; only
/// an accepted clone waits, for the journal, and a refusal for a missing right, for the API server.
struct AdmissionEndpoint: Sendable {
  /// Seconds after which asking again makes sense: a full disk or a broken manifest takes a person, a
  /// locked journal a moment, and the API server's whole patience is ten seconds.
  static let retryAfter = 1

  let store: SnapshotStore
  /// Nil where judging has no side effects.
  let recorder: CloneRecorder?
  var secondOpinion: SecondOpinion?
  /// Asked for each review.
  var stamping: @Sendable () -> Stamping = { .off }
  let metrics: GateMetrics
  let logger: Logger

  private enum Webhook: String {
    case mutate = "/mutate"
    case validate = "/validate"

    func judgement(of body: [UInt8], by judge: Judge) -> Judgement {
      self == .mutate ? judge.mutate(body) : judge.validate(body)
    }
  }

  func handle(_ request: HTTPRequest) -> HTTPReply {
    guard let webhook = Webhook(rawValue: request.path) else {
      return .now(.failure(404, "no such path; there are POST /mutate and POST /validate"))
    }
    let start = ContinuousClock.now
    if let refusal = refusal(of: request) { return .now(finish(refusal, webhook, start)) }
    // Before the snapshot is taken: one that is made in between is newer than the one that was trusted.
    let trusted = secondOpinion?.trustsPolicy() ?? true
    guard let snapshot = store.current else { return .now(finish(notLoaded, webhook, start)) }
    let stamping = snapshot.judge.stamping(stamping())
    let judge = trusted ? stamping : stamping.asking(.none, trustsPolicy: false)
    let judgement = webhook.judgement(of: request.body, by: judge)
    if let secondOpinion, !judgement.questions.isEmpty {
      let appeal = Appeal(judge: stamping, trustsPolicy: trusted, opinion: secondOpinion)
      return later(webhook, start) { await answer(judgement, request.body, appeal, webhook, start) }
    }
    guard let recorder, !judgement.accepted.isEmpty else {
      return .now(finish(answer(judgement, webhook, start), webhook, start))
    }
    return later(webhook, start) { await record(judgement, recorder, webhook, start) }
  }

  /// Counted as in flight once it runs: a server that has too much to do drops it unrun.
  private func later(
    _ webhook: Webhook, _ start: ContinuousClock.Instant,
    _ work: @escaping @Sendable () async -> HTTPResponse
  ) -> HTTPReply {
    .later {
      metrics.began(webhook.rawValue)
      defer { metrics.left(webhook.rawValue) }
      return finish(await work(), webhook, start)
    }
  }

  private func answer(
    _ judgement: Judgement, _ webhook: Webhook, _ start: ContinuousClock.Instant
  ) -> HTTPResponse {
    decided(judgement.decision, webhook, start)
    return .json(judgement.body, status: judgement.status)
  }

  /// The API server is asked before a right is called missing.
  private func answer(
    _ judgement: Judgement, _ body: [UInt8], _ appeal: Appeal, _ webhook: Webhook,
    _ start: ContinuousClock.Instant
  ) async -> HTTPResponse {
    let outcome = await appeal.outcome(of: judgement) { webhook.judgement(of: body, by: $0) }
    metrics.askedAgain(outcome.result)
    if let failure = outcome.failure {
      logger.warning("the API server could not be asked about a right", metadata: ["error": "\(failure)"])
    }
    guard let failure = outcome.undecided else { return answer(outcome.judgement, webhook, start) }
    var decision = outcome.judgement.decision
    decision.reason = "undecided: \(failure)"
    decided(decision, webhook, start)
    // Without Retry-After: an API server would come again each second until its own patience ends, and its
    // user would read of a deadline instead of the cause.
    return .failure(500, Appeal.message(failure))
  }

  /// What is wrong with the request before anybody reads its body.
  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard request.method == "POST" else {
      var refusal = HTTPResponse.failure(405, "a review is sent with POST")
      refusal.headers.add("allow", "POST")
      return refusal
    }
    let type = request.headers["content-type"] ?? ""
    let essence = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
    guard essence == "application/json" else {
      return .failure(415, "a review has the content type application/json")
    }
    return nil
  }

  private var notLoaded: HTTPResponse {
    .failure(
      503, "no policy is loaded, so nothing can be judged; /readyz says why", retryAfter: Self.retryAfter)
  }

  private func record(
    _ judgement: Judgement, _ recorder: CloneRecorder, _ webhook: Webhook, _ start: ContinuousClock.Instant
  ) async -> HTTPResponse {
    var decision = judgement.decision
    let response: HTTPResponse
    switch await recorder.record(judgement) {
    case .recorded:
      response = .json(judgement.body, status: judgement.status)
    case .taken(let message):
      decision.allowed = false
      decision.reason = message
      response = .json(NameTaken.answer(to: judgement, message: message))
    case .failed(let error):
      metrics.journalFailed()
      logger.error("the journal could not be written", metadata: ["error": "\(error)"])
      decision.allowed = false
      decision.reason = "the journal could not be written"
      response = .failure(
        500, "the clone is allowed but could not be recorded: \(error.message)", retryAfter: Self.retryAfter)
    }
    decided(decision, webhook, start)
    return response
  }

  private func finish(
    _ response: HTTPResponse, _ webhook: Webhook, _ start: ContinuousClock.Instant
  ) -> HTTPResponse {
    metrics.ended(webhook.rawValue, code: response.status, took: ContinuousClock.now - start)
    return response
  }

  /// One line for each decision; never a body.
  private func decided(_ decision: DecisionRecord, _ webhook: Webhook, _ start: ContinuousClock.Instant) {
    metrics.decided(decision, webhook: webhook.rawValue)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    logger.info(
      "decision",
      metadata: [
        "webhook": "\(webhook.rawValue)", "uid": "\(decision.uid)", "operation": "\(decision.operation)",
        "kind": "\(decision.kind)", "namespace": "\(decision.namespace)", "name": "\(decision.name)",
        "user": "\(decision.user)", "source": "\(decision.source)",
        "verdict": decision.allowed ? "allowed" : "denied",
        "rule": "\(decision.rule.rawValue)", "reason": "\(decision.reason)",
        "dryRun": .stringConvertible(decision.dryRun), "seconds": .stringConvertible(seconds),
      ])
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    let head = drop { $0 == " " || $0 == "\t" }
    return head.lastIndex { $0 != " " && $0 != "\t" }.map { head[...$0] } ?? ""
  }
}
