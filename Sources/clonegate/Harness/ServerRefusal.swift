import JSON

/// What an API server answers when it does not do what was asked: the parts of a `Status`.
struct ServerRefusal: Error, Sendable {
  let code: Int
  /// `Forbidden`, `Invalid`, `NotFound`...; may be empty.
  let reason: String
  let message: String
  /// The object's kind and name, and the `causes` that name its fields.
  var details: JSONValue?
  /// kubectl's word for what was tried: `creating` or `patching`.
  var doing = "creating"

  /// As kubectl prints it: `Error from server (Forbidden): ...`, or `The DataVolume "x" is invalid: ...`.
  /// - Parameter file: where the object came from, if from a file.
  func text(file: String? = nil) -> String {
    if reason == "Invalid", let details { return Self.invalidText(details) }
    let kind = reason.isEmpty ? "" : " (\(reason))"
    let middle = file.map { "error when \(doing) \"\($0)\": " } ?? ""
    return "Error from server\(kind): \(middle)\(message)"
  }

  var status: JSONValue {
    var status: JSONObject = [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
    ]
    if !reason.isEmpty { status["reason"] = .string(reason) }
    if let details { status["details"] = details }
    status["code"] = .number(String(code))
    return .object(status)
  }

  static func invalid(_ kind: ObjectKind, _ name: String, field: String, _ problems: [String])
    -> ServerRefusal
  {
    let values = problems.map { "Invalid value: \"\(name)\": \($0)" }
    let texts = values.map { "\(field): \($0)" }
    let list = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
    let title = kind.group.isEmpty ? kind.kind : kind.kind + "." + kind.group
    let causes = values.map { value -> JSONValue in
      ["reason": "FieldValueInvalid", "message": .string(value), "field": .string(field)]
    }
    return ServerRefusal(
      code: 422, reason: "Invalid", message: "\(title) \"\(name)\" is invalid: \(list)",
      details: details(kind, name, causes: causes))
  }

  static func details(_ kind: ObjectKind, _ name: String, causes: [JSONValue]) -> JSONValue {
    [
      "name": .string(name), "group": .string(kind.group), "kind": .string(kind.kind),
      "causes": .array(causes),
    ]
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
      message: said.isEmpty ? start + " without explanation" : "\(start): \(said)", details: denial.details)
  }

  /// kubectl leaves the server's sentence out here, and puts the fields in its place: one behind the
  /// colon, several on lines of their own.
  private static func invalidText(_ details: JSONValue) -> String {
    let kind = details["kind"]?.string ?? ""
    let name = details["name"]?.string ?? ""
    let start = "The \(kind) \"\(name)\" is invalid"
    let causes = (details["causes"]?.array ?? []).map { cause in
      "\(cause["field"]?.string ?? ""): \(cause["message"]?.string ?? "")"
    }
    switch causes.count {
    case 0: return start
    case 1: return "\(start): \(causes[0])"
    default: return ([start + ": "] + causes.map { "* \($0)" }).joined(separator: "\n")
    }
  }
}
