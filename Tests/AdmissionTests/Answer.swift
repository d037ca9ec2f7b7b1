import Admission
import Foundation
import JSON

/// A judgement as an API server reads it: the bytes parsed again, by Foundation.
struct Answer {
  let judgement: Judgement
  private let review: NSDictionary
  private let response: NSDictionary

  init(_ judgement: Judgement) throws {
    self.judgement = judgement
    let parsed = try JSONSerialization.jsonObject(with: Data(judgement.body))
    review = parsed as? NSDictionary ?? [:]
    response = review["response"] as? NSDictionary ?? [:]
  }

  var apiVersion: String? { review["apiVersion"] as? String }
  var kind: String? { review["kind"] as? String }
  var uid: String? { response["uid"] as? String }
  var allowed: Bool? { response["allowed"] as? Bool }
  var warnings: [String] { response["warnings"] as? [String] ?? [] }
  var auditAnnotations: [String: String] { response["auditAnnotations"] as? [String: String] ?? [:] }
  var patchType: String? { response["patchType"] as? String }

  private var status: NSDictionary { response["status"] as? NSDictionary ?? [:] }
  var code: Int? { status["code"] as? Int }
  var reason: String? { status["reason"] as? String }
  var message: String { status["message"] as? String ?? "" }

  var causes: [(reason: String, message: String, field: String)] {
    let details = status["details"] as? NSDictionary
    let causes = details?["causes"] as? [[String: String]] ?? []
    return causes.map { ($0["reason"] ?? "", $0["message"] ?? "", $0["field"] ?? "") }
  }

  /// Nil when there is none.
  var patch: [NSDictionary]? {
    guard let text = response["patch"] as? String, let data = Data(base64Encoded: text) else { return nil }
    return (try? JSONSerialization.jsonObject(with: data)) as? [NSDictionary]
  }

  var hasPatchMember: Bool { response["patch"] != nil || response["patchType"] != nil }
}
