import Admission
import Authorization
import Foundation
import Fuzzing
import JSON

extension FuzzTarget {
  /// The gate's answer to any body: well-formed, for the same request, the same each time, and never a way
  /// round the policy.
  static let review = FuzzTarget(
    name: "review", isJSON: true,
    words: [
      "\"operation\":\"CREATE\"", "\"namespace\":\"secret\"", "\"source\":{\"pvc\":{}}",
      "\"sourceRef\":{\"kind\":\"DataSource\"}",
      "\"dryRun\":true", "\"uid\":\"x\"", "null", "\"storage\":{}", "\"pvc\":", "\"volumeMode\":\"Block\"",
      "\"\\u0073ource\"",
    ]
  ) { bytes in
    let judge = ReviewWorld.judge
    var kinds: [String] = []
    for isMutating in [true, false] {
      let answer = isMutating ? judge.mutate(bytes) : judge.validate(bytes)
      let again = isMutating ? judge.mutate(bytes) : judge.validate(bytes)
      try BrokenRule.check(
        answer.body == again.body && answer.status == again.status, "two answers to one body")
      let check = try AnswerCheck(body: bytes, answer: answer, isMutating: isMutating)
      try check.run()
      let reason = answer.decision.reason.split(separator: "\"").enumerated().filter { $0.offset % 2 == 0 }
      let words = reason.map(\.element).joined().prefix(60)
      kinds.append("\(answer.status) \(answer.decision.rule) \(answer.accepted.count) \(words)")
    }
    return kinds.joined(separator: "|")
  }
}

/// One body and its answer, read with Foundation where the gate has its own parser.
private struct AnswerCheck {
  private let request: [String: Any]
  private let response: [String: Any]
  private let answer: Judgement
  private let isMutating: Bool

  init(body: [UInt8], answer: Judgement, isMutating: Bool) throws {
    func object(_ bytes: [UInt8]) -> [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    }
    guard let root = object(answer.body) else { throw BrokenRule("the answer is no JSON object") }
    request = object(body)?["request"] as? [String: Any] ?? [:]
    response = root["response"] as? [String: Any] ?? [:]
    self.answer = answer
    self.isMutating = isMutating
    try BrokenRule.check(answer.status == 200 || answer.status == 400, "status \(answer.status)")
    guard answer.status != 200 else { return }
    try BrokenRule.check(
      root["kind"] as? String == "Status" && answer.accepted.isEmpty, "a 400 that is no Status")
    try BrokenRule.check(!((root["message"] as? String) ?? "").isEmpty, "a 400 without a message")
  }

  func run() throws {
    // Foundation refuses a body for a number that no Double holds (see IntendedDifference): nothing to
    // compare with.
    guard answer.status == 200, !request.isEmpty else { return }
    try BrokenRule.check(
      text(request, "uid") == text(response, "uid") && !text(response, "uid").isEmpty, "the uid differs")
    guard let allowed = response["allowed"] as? Bool else {
      throw BrokenRule("the answer says not whether it is allowed")
    }
    try BrokenRule.check(allowed == answer.decision.allowed, "the record and the answer differ")
    if allowed { try checkAllowed() } else { try checkRefused() }
    try checkAccepted(allowed)
  }

  private func checkRefused() throws {
    let status = response["status"] as? [String: Any] ?? [:]
    let code = (status["code"] as? NSNumber)?.intValue ?? 0
    try BrokenRule.check((400..<500).contains(code), "refused with code \(code)")
    try BrokenRule.check(!text(status, "message").isEmpty, "refused without a message")
    try BrokenRule.check(response["patch"] == nil, "refused with a patch")
    try BrokenRule.check(text(request, "operation") != "DELETE" || isUnknown, "a deletion is refused")
  }

  private var isUnknown: Bool { answer.decision.rule != .deletion }

  private func checkAllowed() throws {
    try checkPolicy()
    guard let patch = response["patch"] as? String else { return }
    try BrokenRule.check(
      isMutating && text(response, "patchType") == "JSONPatch", "a patch where none belongs")
    guard let bytes = Data(base64Encoded: patch), var review = value(request) else {
      throw BrokenRule("the patch is no base64")
    }
    let operations = try JSONPatch(parsing: JSONValue(parsing: Array(bytes)))
    try BrokenRule.check(!operations.isEmpty, "an empty patch must be left out")
    let object = try operations.apply(to: review["object"] ?? .null)
    review["object"] = object
    let envelope: JSONValue = [
      "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": review,
    ]
    let second = String(decoding: ReviewWorld.judge.mutate(envelope.bytes).body, as: UTF8.self)
    try BrokenRule.check(!second.contains("\"patch\""), "mutating twice changes something: \(second)")
  }

  /// Nobody has any right in the namespace `secret`, so nothing may come out of it.
  private func checkPolicy() throws {
    let groups = member(request, "userInfo")["groups"] as? [Any] ?? []
    guard text(request, "operation") == "CREATE", text(request, "subResource").isEmpty,
      text(request, "namespace") != "secret", !groups.contains(where: { $0 as? String == "system:masters" })
    else { return }
    let object = member(request, "object")
    let clones: [Any] =
      switch text(member(request, "resource"), "resource") {
      case "datavolumes": [object]
      case "virtualmachines": member(object, "spec")["dataVolumeTemplates"] as? [Any] ?? []
      default: []
      }
    for clone in clones {
      let clone = clone as? [String: Any] ?? [:]
      try BrokenRule.check(!takesSecret(clone), "a clone out of the namespace secret is allowed")
    }
  }

  private func takesSecret(_ clone: [String: Any]) -> Bool {
    let annotations = member(member(clone, "metadata"), "annotations")
    let exempt = ["cdi.kubevirt.io/storage.prePopulated", "cdi.kubevirt.io/storage.checkStaticVolume"]
    guard !exempt.contains(where: { annotations[$0] != nil }) else { return false }
    let spec = member(clone, "spec")
    let claim = member(member(spec, "source"), "pvc")
    if text(claim, "namespace") == "secret", !text(claim, "name").isEmpty { return true }
    let reference = member(spec, "sourceRef")
    return spec["source"] == nil && text(reference, "kind") == "DataSource"
      && text(reference, "name") == "golden"
      && text(reference, "namespace") == "source-namespace"
  }

  private func checkAccepted(_ allowed: Bool) throws {
    guard !answer.accepted.isEmpty else { return }
    try BrokenRule.check(
      allowed && !isMutating && text(request, "operation") == "CREATE", "a copy without an allowed CREATE")
    try BrokenRule.check(request["dryRun"] as? Bool != true, "a copy for a dry run")
    for clone in answer.accepted {
      try BrokenRule.check(
        !clone.key.isEmpty && !clone.sourceName.isEmpty && !clone.namespace.isEmpty, "a copy of nothing")
      try BrokenRule.check((clone.requestedBytes ?? 1) > 0, "a copy of \(clone.requestedBytes ?? 0) bytes")
    }
  }

  private func member(_ object: [String: Any], _ name: String) -> [String: Any] {
    object[name] as? [String: Any] ?? [:]
  }

  private func text(_ object: [String: Any], _ name: String) -> String { object[name] as? String ?? "" }

  private func value(_ request: [String: Any]) -> JSONValue? {
    (try? JSONSerialization.data(withJSONObject: request)).flatMap { try? JSONValue(parsing: Array($0)) }
  }
}
