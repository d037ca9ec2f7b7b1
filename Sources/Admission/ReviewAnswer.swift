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
      object: accepted.isEmpty ? nil : ruling.object, questions: ruling.questions)
  }

  private var body: [UInt8] {
    var answer = AnswerBytes()
    answer.raw(#"{"kind":"AdmissionReview","apiVersion":"#)
    answer.plain(review.apiVersion)
    answer.raw(#","response":{"uid":"#)
    answer.text(review.uid)
    if let refusal = ruling.refusal {
      answer.raw(#","allowed":false,"status":"#)
      answer.value(status(refusal))
    } else {
      answer.raw(#","allowed":true"#)
      if !ruling.additions.isEmpty {
        answer.raw(#","patchType":"JSONPatch","patch":"#)
        answer.plain(Base64.text(of: patch))
      }
    }
    writeRemarks(to: &answer)
    answer.raw("}}")
    return answer.bytes
  }

  private func writeRemarks(to answer: inout AnswerBytes) {
    if !ruling.warnings.isEmpty {
      answer.raw(#","warnings":"#)
      answer.list(ruling.warnings) { $0.text($1) }
    }
    answer.raw(#","auditAnnotations":{"rule":"#)
    answer.plain(ruling.rule.rawValue)
    if let binding = ruling.grantedBy {
      answer.raw(#","granted-by":"#)
      answer.text(binding)
    }
    if let source = ruling.source {
      answer.raw(#","source":"#)
      answer.text(source)
    }
    answer.raw("}")
  }

  private var patch: [UInt8] {
    var patch = AnswerBytes()
    patch.list(ruling.additions) { patch, addition in
      patch.raw(addition.value == nil ? #"{"op":"remove","path":"# : #"{"op":"add","path":"#)
      patch.text(addition.pointer)
      if let value = addition.value {
        patch.raw(#","value":"#)
        patch.value(value)
      }
      patch.raw("}")
    }
    return patch.bytes
  }

  private func status(_ refusal: Refusal) -> JSONValue {
    var status = StatusBody.status(code: refusal.code, reason: refusal.reason, message: refusal.message)
    var details: JSONObject = ["group": .string(logged(review.group)), "kind": .string(logged(review.kind))]
    if !review.name.isEmpty { details["name"] = .string(logged(review.name)) }
    details["causes"] = .array(
      refusal.causes.map {
        ["reason": .string($0.reason.rawValue), "message": .string($0.message), "field": .string($0.field)]
      })
    if !refusal.causes.isEmpty { status["details"] = .object(details) }
    return .object(status)
  }

  private var decision: DecisionRecord {
    DecisionRecord(
      uid: review.uid, operation: review.operation.rawValue, kind: logged(review.kind),
      namespace: logged(review.namespace), name: logged(review.name), user: logged(review.user.name),
      source: ruling.source ?? "", allowed: ruling.refusal == nil, rule: ruling.rule, reason: ruling.reason,
      dryRun: review.isDryRun, warnings: ruling.warnings)
  }

  private func logged(_ text: String) -> String { BoundedText.message(text, limit: Admission.maxLogged) }

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
