import Authorization
import Foundation
import JSON

/// Writes AdmissionReviews as an API server does: the same members, absent where it leaves them out.
struct ReviewBuilder: Sendable {
  enum Operation: Sendable {
    case create(JSONValue)
    case update(JSONValue, old: JSONValue)
    case delete(old: JSONValue)
  }

  let kind: ObjectKind
  let user: UserInfo
  /// The client that fills `fieldManager`: `kubectl-create` or `kubectl-client-side-apply`.
  var fieldManager = "kubectl-client-side-apply"
  var isDryRun = false

  /// A review with a uid of its own.
  func review(_ operation: Operation) -> JSONValue {
    let object = operation.object
    let subject = object ?? operation.old ?? .null
    let version =
      subject["apiVersion"]?.string?.split(separator: "/").last.map(String.init) ?? kind.versions[0]
    let kindName: JSONValue = [
      "group": .string(kind.group), "version": .string(version), "kind": .string(kind.kind),
    ]
    let resource: JSONValue = [
      "group": .string(kind.group), "version": .string(version), "resource": .string(kind.resource),
    ]
    var request: JSONObject = [
      "uid": .string(Self.newUID()), "kind": kindName, "resource": resource, "requestKind": kindName,
      "requestResource": resource,
    ]
    // With generateName there is no name until the mutating webhooks are done.
    if let name = subject["metadata"]?["name"] { request["name"] = name }
    if let namespace = subject["metadata"]?["namespace"] { request["namespace"] = namespace }
    request["operation"] = .string(operation.name)
    request["userInfo"] = RequestUser.json(user)
    request["object"] = object ?? .null
    request["oldObject"] = operation.old ?? .null
    request["dryRun"] = .bool(isDryRun)
    request["options"] = options(operation)
    return [
      "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": .object(request),
    ]
  }

  private func options(_ operation: Operation) -> JSONValue {
    var options: JSONObject = ["kind": .string(operation.optionsKind), "apiVersion": "meta.k8s.io/v1"]
    if case .delete = operation { options["propagationPolicy"] = "Background" }
    if isDryRun { options["dryRun"] = ["All"] }
    if case .delete = operation { return .object(options) }
    options["fieldManager"] = .string(fieldManager)
    options["fieldValidation"] = "Strict"
    return .object(options)
  }

  static func newUID() -> String { UUID().uuidString.lowercased() }
}

extension ReviewBuilder.Operation {
  var name: String {
    switch self {
    case .create: "CREATE"
    case .update: "UPDATE"
    case .delete: "DELETE"
    }
  }

  fileprivate var optionsKind: String {
    switch self {
    case .create: "CreateOptions"
    case .update: "UpdateOptions"
    case .delete: "DeleteOptions"
    }
  }

  fileprivate var object: JSONValue? {
    switch self {
    case .create(let object), .update(let object, _): object
    case .delete: nil
    }
  }

  fileprivate var old: JSONValue? {
    switch self {
    case .create: nil
    case .update(_, let old), .delete(let old): old
    }
  }
}
