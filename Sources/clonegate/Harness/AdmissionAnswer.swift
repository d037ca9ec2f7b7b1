import Foundation
import JSON

/// A webhook's answer, read as strictly as an API server reads it: what it would not accept is an error here
/// too.
struct AdmissionAnswer: Sendable {
  /// Why a review was refused, as the API server passes it on.
  struct Denial: Sendable {
    let code: Int
    /// `Forbidden`, `Invalid`...; empty when the webhook gave none.
    let reason: String
    let message: String
    /// Kind and name of what was refused, and the fields that are wrong.
    let details: JSONValue?
  }

  let denial: Denial?
  let warnings: [String]
  let patch: JSONPatch

  /// - Throws: a sentence that begins in the middle, for `failed calling webhook "X": `.
  init(_ body: [UInt8], to review: JSONValue) throws(AdmissionFault) {
    let document: JSONValue
    do { document = try JSONValue(parsing: body) } catch {
      throw AdmissionFault("the answer is not JSON: \(error)")
    }
    guard document["kind"]?.string == "AdmissionReview",
      document["apiVersion"] == review["apiVersion"], let response = document["response"]
    else { throw AdmissionFault("expected response.kind AdmissionReview of the version that was sent") }
    let uid = review["request"]?["uid"]?.string ?? ""
    guard response["uid"]?.string == uid else {
      throw AdmissionFault("expected response.uid=\"\(uid)\", got \"\(response["uid"]?.string ?? "")\"")
    }
    guard let allowed = response["allowed"]?.bool else { throw AdmissionFault("response.allowed is missing") }
    warnings = (response["warnings"]?.array ?? []).compactMap(\.string)
    denial = allowed ? nil : Denial(response["status"])
    patch = try Self.patch(response)
  }

  private static func patch(_ response: JSONValue) throws(AdmissionFault) -> JSONPatch {
    let text = response["patch"]?.string
    let type = response["patchType"]?.string
    guard let text, let type else {
      if text == nil, type == nil { return JSONPatch() }
      throw AdmissionFault("patch and patchType must be given together")
    }
    guard type == "JSONPatch" else { throw AdmissionFault("patchType \"\(type)\" is not supported") }
    guard let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
      throw AdmissionFault("response.patch is not base64 of a JSON patch")
    }
    do {
      return try JSONPatch(parsing: JSONValue(parsing: Array(bytes)))
    } catch { throw AdmissionFault("response.patch: \(error)") }
  }
}

/// The webhook could not be called, or gave an answer that an API server refuses.
struct AdmissionFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension AdmissionAnswer.Denial {
  /// A denial without a code, or with one that is not an error, is a 400 to the API server.
  fileprivate init(_ status: JSONValue?) {
    let code = status?["code"]?.int.flatMap { Int(exactly: $0) } ?? 400
    self.init(
      code: code < 400 ? 400 : code, reason: status?["reason"]?.string ?? "",
      message: status?["message"]?.string ?? "",
      details: status?["details"])
  }
}
