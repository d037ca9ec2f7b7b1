internal import Authorization
internal import JSON

/// Writes the AdmissionReview that answers a review.
struct ReviewAnswer {
  let review: Review
  let ruling: Ruling

  var judgement: Judgement {
    let isAllowed = ruling.refusal == nil
    let accepted = isAllowed && !review.isDryRun && review.operation == .create ? ruling.accepted : []
    return Judgement(
      status: 200, body: body, decision: decision, accepted: accepted,
      object: accepted.isEmpty ? nil : ruling.object)
  }

  private var body: [UInt8] {
    let answer: JSONValue = [
      "kind": "AdmissionReview", "apiVersion": .string(review.apiVersion), "response": .object(response),
    ]
    return answer.bytes
  }

  private var response: JSONObject {
    var response: JSONObject = ["uid": .string(review.uid), "allowed": .bool(ruling.refusal == nil)]
    if let refusal = ruling.refusal {
      response["status"] = status(refusal)
    } else if !ruling.additions.isEmpty {
      response["patchType"] = "JSONPatch"
      response["patch"] = .string(Base64.text(of: patch.bytes))
    }
    if !ruling.warnings.isEmpty { response["warnings"] = .array(ruling.warnings.map { .string($0) }) }
    response["auditAnnotations"] = .object(auditAnnotations)
    return response
  }

  private var patch: JSONValue {
    .array(ruling.additions.map { ["op": "add", "path": .string($0.pointer), "value": $0.value] })
  }

  private var auditAnnotations: JSONObject {
    var annotations: JSONObject = ["rule": .string(ruling.rule.rawValue)]
    if let binding = ruling.grantedBy { annotations["granted-by"] = .string(binding) }
    return annotations
  }

  private func status(_ refusal: Refusal) -> JSONValue {
    var status = StatusBody.status(code: refusal.code, reason: refusal.reason, message: refusal.message)
    var details: JSONObject = ["group": .string(review.group), "kind": .string(review.kind)]
    if !review.name.isEmpty { details["name"] = .string(review.name) }
    details["causes"] = .array(
      refusal.causes.map {
        ["reason": .string($0.reason.rawValue), "message": .string($0.message), "field": .string($0.field)]
      })
    if !refusal.causes.isEmpty { status["details"] = .object(details) }
    return .object(status)
  }

  private var decision: DecisionRecord {
    DecisionRecord(
      uid: review.uid, operation: review.operation.rawValue, kind: review.kind, namespace: review.namespace,
      name: review.name, user: review.user.name, allowed: ruling.refusal == nil, rule: ruling.rule,
      reason: ruling.reason, dryRun: review.isDryRun, warnings: ruling.warnings)
  }

  /// The answer to a body that is no review: HTTP 400 with a Status.
  static func malformed(_ error: MalformedReview) -> Judgement {
    let message = BoundedText.message(error.message)
    var status = StatusBody.status(code: 400, reason: "BadRequest", message: message)
    status["kind"] = "Status"
    status["apiVersion"] = "v1"
    return Judgement(
      status: 400, body: JSONValue.object(status).bytes,
      decision: DecisionRecord(rule: .badRequest, reason: message),
      accepted: [], object: nil)
  }
}

/// The members that every Status of a failure has.
private enum StatusBody {
  static func status(code: Int, reason: String, message: String) -> JSONObject {
    [
      "status": "Failure", "message": .string(message), "reason": .string(reason),
      "code": .number(String(code)),
    ]
  }
}
