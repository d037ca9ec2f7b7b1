import Admission
import JSON

/// The answer to a review that was fine in itself, for an object whose name another object has: what the
/// API server would say when it came to store it, said before a job exists.
enum NameTaken {
  static func answer(to judgement: Judgement, message: String) -> [UInt8] {
    // The judgement's own body tells which version of AdmissionReview is spoken.
    let version = (try? JSONValue(parsing: judgement.body))?["apiVersion"] ?? "admission.k8s.io/v1"
    let status: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "code": 409,
      "reason": "AlreadyExists", "message": .string(message),
    ]
    let review: JSONValue = [
      "apiVersion": version, "kind": "AdmissionReview",
      "response": ["uid": .string(judgement.decision.uid), "allowed": false, "status": status],
    ]
    return review.bytes
  }
}
