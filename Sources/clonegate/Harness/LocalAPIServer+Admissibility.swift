import Admission
import Authorization
import JSON

/// What an API server checks of any object before and between the webhooks.
extension LocalAPIServer {
  /// Everything of that before the first object is sent: what no API server would take whoever asks, and
  /// whatever else there is.
  func check(_ manifest: JSONValue, namespace: String) throws {
    let (kind, object) = try admissible(manifest, namespace: namespace)
    try checkStructure(object)
    let metadata = object["metadata"]
    if let name = metadata?["name"]?.string, !name.isEmpty {
      let problems = kind.nameProblems(name)
      guard problems.isEmpty else {
        throw ServerRefusal.invalid(kind, name, field: "metadata.name", problems)
      }
    } else if let base = metadata?["generateName"]?.string {
      // As an API server: what is cut off does not count, and a letter will follow.
      let example = String(decoding: base.utf8.prefix(GeneratedName.maxPrefix), as: UTF8.self) + "x"
      let problems = kind.nameProblems(example)
      guard problems.isEmpty else {
        throw ServerRefusal.invalid(kind, base, field: "metadata.generateName", problems)
      }
    }
  }

  /// Members that every kind has must be of their type: a server drops nothing in silence.
  private func checkStructure(_ object: JSONValue) throws {
    let kind = object["kind"]?.string ?? ""
    for field in ["labels", "annotations"] {
      guard let value = object["metadata"]?[field], !value.isNull else { continue }
      guard let members = value.object else {
        throw CommandFailure.failed("\(kind): metadata.\(field) must be a mapping")
      }
      if let wrong = members.keys.first(where: { members[$0]?.string == nil }) {
        throw CommandFailure.failed("\(kind): metadata.\(field): the value of \"\(wrong)\" must be a string")
      }
    }
    if let spec = object["spec"], !spec.isNull, spec.object == nil {
      throw CommandFailure.failed("\(kind): spec must be a mapping")
    }
  }

  /// What the gate judges lives in its journal.
  func requireJournal(for kinds: [ObjectKind]) throws {
    if kinds.contains(where: { $0.keeping == .judged }) { _ = try journal }
  }

  /// The kind, and the object with its namespace filled in (or taken out, for a kind that has none).
  func admissible(_ manifest: JSONValue, namespace: String) throws -> (ObjectKind, JSONValue) {
    let apiVersion = manifest["apiVersion"]?.string ?? ""
    let word = manifest["kind"]?.string ?? ""
    guard let kind = ObjectKind.of(apiVersion: apiVersion, kind: word) else {
      let known = ObjectKind.all.map(\.kind).joined(separator: ", ")
      throw CommandFailure.failed(
        "no matches for kind \"\(word)\" in version \"\(apiVersion)\"",
        hint: "the kinds kept here are \(known)")
    }
    guard manifest["metadata"]?.object != nil else {
      throw CommandFailure.failed("\(word): metadata is missing or not a mapping")
    }
    var object = manifest
    if !kind.isNamespaced {
      object["metadata"]?["namespace"] = nil
    } else if (object["metadata"]?["namespace"]?.string ?? "").isEmpty {
      object["metadata"]?["namespace"] = .string(namespace)
    }
    try checkNames(object, kind)
    return (kind, object)
  }

  /// Names become part of keys, file names and commands: nothing that Kubernetes would refuse goes further.
  func checkNames(_ object: JSONValue, _ kind: ObjectKind) throws {
    let metadata = object["metadata"]
    let name = metadata?["name"]?.string ?? ""
    if name.isEmpty, (metadata?["generateName"]?.string ?? "").isEmpty {
      let cause: JSONValue = [
        "reason": "FieldValueRequired", "message": "Required value: name or generateName is required",
        "field": "metadata.name",
      ]
      throw ServerRefusal(
        code: 422, reason: "Invalid",
        message:
          "\(kind.kind) \"\" is invalid: metadata.name: Required value: name or generateName is required",
        details: ServerRefusal.details(kind, "", causes: [cause]))
    }
    // RBAC's own validation says the same of a name, and everything else that is wrong in one go.
    let problems = name.isEmpty || kind.nameRule == .pathSegment ? [] : kind.nameProblems(name)
    guard problems.isEmpty else { throw ServerRefusal.invalid(kind, name, field: "metadata.name", problems) }
    guard kind.isNamespaced else { return }
    let namespace = metadata?["namespace"]?.string ?? ""
    let wrong = KubernetesName.labelProblems(namespace)
    guard wrong.isEmpty else {
      throw ServerRefusal.invalid(kind, namespace, field: "metadata.namespace", wrong)
    }
  }
}
