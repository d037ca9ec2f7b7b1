internal import Authorization
internal import JSON

/// Which rule of the house decided. The text is the value of a metric's label and of an audit annotation.
package enum Rule: String, Sendable, CaseIterable {
  /// The object is of no concern: no clone, a subresource, a resource that is not judged.
  case notAClone = "not-a-clone"
  case notJudged = "not-judged"
  case subresource
  case deletion
  case beingDeleted = "being-deleted"
  case update
  case sameNamespace = "same-namespace"
  /// `create datavolumes/source`.
  case granted
  /// `create pods` (for a snapshot also `create persistentvolumeclaims`).
  case implicitGrant = "implicit-pod-grant"
  case prePopulated = "pre-populated"
  case staticVolume = "static-volume"
  case existingDataVolume = "existing-datavolume"
  case unresolvedSource = "unresolved-source"
  case forbidden
  /// Allowed, but it cannot be stamped.
  case noKey = "no-key"
  case invalid
  case immutable
  case badRequest = "bad-request"
  case unknownResource = "unknown-resource"
}

/// One step of the patch: `add`, which also replaces an explicit null or empty text, or, without a value,
/// `remove`.
struct Addition: Sendable {
  /// RFC 6901.
  let pointer: String
  let value: JSONValue?
}

/// What was decided about one review, before it becomes an answer.
struct Ruling: Sendable {
  var rule: Rule
  /// One sentence for the log: why.
  var reason: String
  var refusal: Refusal?
  var additions: [Addition] = []
  var warnings: [String] = []
  /// The binding that allowed, for the audit log.
  var grantedBy: String?
  /// The disk that may be read, for the logs: who copied what, and by what right.
  var source: String?
  /// Of a refusal for a missing right: what could be asked of the API server before it is final.
  var questions: [Attributes] = []
  var accepted: [AcceptedClone] = []
  /// Whether `accepted` holds clones of the whole reviewed object.
  var object: JSONValue?

  static func allowed(_ rule: Rule, _ reason: String) -> Ruling { Ruling(rule: rule, reason: reason) }

  static func refused(_ refusal: Refusal, rule: Rule = .invalid) -> Ruling {
    Ruling(rule: rule, reason: refusal.message, refusal: refusal)
  }

  mutating func warn(_ text: String) {
    guard warnings.count < BoundedText.maxWarnings, !warnings.contains(text) else { return }
    warnings.append(BoundedText.message(text, limit: BoundedText.maxWarning))
  }
}
