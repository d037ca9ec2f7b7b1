import JSON

/// Calls the gate's webhooks in the way that the registration which `clonegate manifests` prints makes an API
/// server call them: new objects are mutated and validated, changed ones validated, and a deletion goes on
/// without an answer.
struct GateCaller: Sendable {
  /// Posts a body to a path and gives the answer's body; anything but a 200 is a fault.
  typealias Post = @Sendable (_ path: String, _ body: [UInt8]) async throws(AdmissionFault) -> [UInt8]

  let post: Post

  /// `timeoutSeconds` of the registration, which an API server also writes into the query.
  static let timeoutSeconds = 10

  enum Phase: String { case mutate, validate }

  /// The object with the defaults, and the webhook's warnings.
  func mutate(_ object: JSONValue, _ reviews: ReviewBuilder) async throws -> (
    object: JSONValue, warnings: [String]
  ) {
    let webhook = webhook(reviews.kind, .mutate)
    let answer = try await ask(reviews.review(.create(object)), .mutate, webhook)
    do { return (try answer.patch.apply(to: object), answer.warnings) } catch {
      throw ServerRefusal.failedCall(webhook, AdmissionFault("the patch cannot be applied: \(error)"))
    }
  }

  /// The webhook's warnings.
  func validate(_ operation: ReviewBuilder.Operation, _ reviews: ReviewBuilder) async throws -> [String] {
    try await ask(reviews.review(operation), .validate, webhook(reviews.kind, .validate)).warnings
  }

  /// A deletion's webhook is registered with `failurePolicy: Ignore`: a gate that cannot be asked is only a
  /// warning.
  func delete(_ old: JSONValue, _ reviews: ReviewBuilder) async throws -> [String] {
    let webhook = "\(reviews.kind.kind.lowercased())-delete.clonegate.dev"
    do { return try await ask(reviews.review(.delete(old: old)), .validate, webhook).warnings } catch let
      refusal as ServerRefusal where refusal.code == 500
    { return [refusal.message] }
  }

  private func ask(_ review: JSONValue, _ phase: Phase, _ webhook: String) async throws -> AdmissionAnswer {
    let answer: AdmissionAnswer
    do throws(AdmissionFault) {
      let body = try await post("/\(phase.rawValue)?timeout=\(Self.timeoutSeconds)s", review.bytes)
      answer = try AdmissionAnswer(body, to: review)
    } catch { throw ServerRefusal.failedCall(webhook, error) }
    if let denial = answer.denial { throw ServerRefusal.denied(by: webhook, denial) }
    return answer
  }

  private func webhook(_ kind: ObjectKind, _ phase: Phase) -> String {
    "\(kind.kind.lowercased())-\(phase.rawValue).clonegate.dev"
  }
}
