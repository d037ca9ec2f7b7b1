import JSON

/// What an API server answers when it does not do what was asked: the parts of a `Status`.
struct ServerRefusal: Error, Sendable {
  let code: Int
  /// `Forbidden`, `Invalid`, `NotFound`...; may be empty.
  let reason: String
  let message: String
  var causes: JSONValue?
  /// kubectl's word for what was tried: `creating` or `patching`.
  var doing = "creating"

  /// As kubectl prints it, `Error from server (Forbidden): ...`.
  /// - Parameter file: where the object came from, if from a file.
  func text(file: String? = nil) -> String {
    let kind = reason.isEmpty ? "" : " (\(reason))"
    let middle = file.map { "error when \(doing) \"\($0)\": " } ?? ""
    return "Error from server\(kind): \(middle)\(message)"
  }

  var status: JSONValue {
    var status: JSONObject = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
    ]
    if !reason.isEmpty { status["reason"] = .string(reason) }
    if let causes { status["details"] = ["causes": causes] }
    status["code"] = .number(String(code))
    return .object(status)
  }

  static func invalid(_ kind: ObjectKind, _ name: String, field: String, _ problems: [String])
    -> ServerRefusal
  {
    let texts = problems.map { "\(field): Invalid value: \"\(name)\": \($0)" }
    let list = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
    let title = kind.group.isEmpty ? kind.kind : kind.kind + "." + kind.group
    return ServerRefusal(code: 422, reason: "Invalid", message: "\(title) \"\(name)\" is invalid: \(list)")
  }

  static func notFound(_ kind: ObjectKind, _ name: String) -> ServerRefusal {
    let resource = kind.group.isEmpty ? kind.resource : kind.resource + "." + kind.group
    return ServerRefusal(code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found")
  }

  /// A webhook with `failurePolicy: Fail` that could not be asked.
  static func failedCall(_ webhook: String, _ fault: AdmissionFault) -> ServerRefusal {
    ServerRefusal(
      code: 500, reason: "InternalError",
      message: "Internal error occurred: failed calling webhook \"\(webhook)\": \(fault)")
  }

  static func denied(by webhook: String, _ denial: AdmissionAnswer.Denial) -> ServerRefusal {
    let said = denial.message.isEmpty ? denial.reason : denial.message
    let start = "admission webhook \"\(webhook)\" denied the request"
    return ServerRefusal(
      code: denial.code, reason: denial.reason,
      message: said.isEmpty ? start + " without explanation" : "\(start): \(said)", causes: denial.causes)
  }
}
