/// One field that led to a refusal: an entry of a Status's `details.causes`.
package struct Cause: Sendable, Hashable {
  package enum Reason: String, Sendable {
    case invalid = "FieldValueInvalid"
    case required = "FieldValueRequired"
    case duplicate = "FieldValueDuplicate"
    case notFound = "FieldValueNotFound"
    case notSupported = "FieldValueNotSupported"
    case forbidden = "FieldValueForbidden"
    case tooMany = "FieldValueTooMany"
  }

  package let reason: Reason
  package let message: String
  /// JSON path of the field, as in `spec.source.pvc.namespace`.
  package let field: String
}

/// Why a request is not accepted, in the terms of a Kubernetes Status.
package struct Refusal: Sendable {
  /// HTTP code of the Status: 400 the review cannot be judged, 403 not allowed to, 422 the object is wrong.
  package let code: Int
  /// The Status's reason: `BadRequest`, `Forbidden`, `Invalid`.
  package let reason: String
  /// What happened, to what, why, and what to do next.
  package let message: String
  package var causes: [Cause]

  init(code: Int, reason: String, message: String, causes: [Cause] = []) {
    self.code = code
    self.reason = reason
    self.message = BoundedText.message(message)
    self.causes = causes
  }

  static func badRequest(_ message: String) -> Refusal {
    Refusal(code: 400, reason: "BadRequest", message: message)
  }

  static func invalid(_ field: String, _ message: String, _ reason: Cause.Reason = .invalid) -> Refusal {
    let bounded = BoundedText.message(message)
    let cause = Cause(reason: reason, message: bounded, field: field)
    return Refusal(code: 422, reason: "Invalid", message: "\(field): \(bounded)", causes: [cause])
  }

  static func forbidden(_ field: String, _ message: String) -> Refusal {
    let cause = Cause(reason: .forbidden, message: BoundedText.message(message), field: field)
    return Refusal(code: 403, reason: "Forbidden", message: message, causes: [cause])
  }

  /// Several at once, the first one speaking for the code. `refusals` is not empty.
  static func joined(_ refusals: [Refusal]) -> Refusal {
    guard let first = refusals.first, refusals.count > 1 else { return refusals[0] }
    var texts: [String] = []
    for refusal in refusals where !texts.contains(refusal.message) { texts.append(refusal.message) }
    let shown = texts.prefix(maxJoined).joined(separator: "; ")
    let rest = texts.count > maxJoined ? "; and \(texts.count - maxJoined) more of this kind" : ""
    return Refusal(
      code: first.code, reason: first.reason, message: shown + rest,
      causes: Array(refusals.flatMap(\.causes).prefix(maxCauses)))
  }

  /// Sentences in one message: more are not read.
  private static let maxJoined = 3
  /// Causes in one Status: enough for every template of a usual machine.
  private static let maxCauses = 32
}
