import Foundation
import JSON
import Synchronization

@testable import clonegate

/// A gate that remembers what it was asked and answers what a test decides; without one it allows everything.
final class RecordingGate: Sendable {
  struct Call: Sendable {
    let path: String
    let review: JSONValue
  }
  typealias Rule = @Sendable (_ path: String, _ request: JSONValue) -> JSONValue

  private let calls = Mutex<[Call]>([])
  private let rule: Rule

  init(_ rule: @escaping Rule = { _, _ in ["allowed": true] }) { self.rule = rule }

  var reviews: [Call] { calls.withLock { $0 } }

  var caller: GateCaller {
    GateCaller { path, body throws(AdmissionFault) in
      guard let review = try? JSONValue(parsing: body) else { throw AdmissionFault("not JSON") }
      self.calls.withLock { $0.append(Call(path: path, review: review)) }
      var response = self.rule(path, review["request"] ?? .null)
      response["uid"] = review["request"]?["uid"]
      return JSONValue.object([
        "kind": "AdmissionReview", "apiVersion": review["apiVersion"] ?? .null, "response": response,
      ]).bytes
    }
  }

  /// An answer that refuses.
  static func denial(_ message: String) -> JSONValue {
    [
      "allowed": false,
      "status": ["code": 403, "reason": "Forbidden", "message": .string(message), "details": ["causes": []]],
    ]
  }

  /// An answer that adds a member.
  static func addition(_ path: String, _ value: JSONValue) -> JSONValue {
    let patch: JSONValue = [["op": "add", "path": .string(path), "value": value]]
    return [
      "allowed": true, "patchType": "JSONPatch", "patch": .string(Data(patch.bytes).base64EncodedString()),
    ]
  }
}
