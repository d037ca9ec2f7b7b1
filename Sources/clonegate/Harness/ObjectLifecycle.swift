import Admission
import Foundation
import JSON

/// What an API server does to the metadata of an object on its way into storage.
enum ObjectLifecycle {
  /// As the mutating webhooks see a new object: without anything that only the server may set.
  static func submitted(_ manifest: JSONValue, manager: String, time: String) -> JSONValue {
    var object = manifest
    for key in [
      "uid", "creationTimestamp", "deletionTimestamp", "generation", "resourceVersion", "managedFields",
    ] {
      object["metadata"]?[key] = nil
    }
    object["status"] = nil
    let fields = ManagedFields.update(object, manager: manager, time: time)
    object["metadata"]?["managedFields"] = fields
    return object
  }

  /// As the validating webhooks see it: with name, uid, generation and creation time.
  static func named(_ object: JSONValue, time: String) -> JSONValue {
    var object = object
    if (object["metadata"]?["name"]?.string ?? "").isEmpty,
      let base = object["metadata"]?["generateName"]?.string
    {
      object["metadata"]?["name"] = .string(generatedName(base))
    }
    object["metadata"]?["uid"] = .string(ReviewBuilder.newUID())
    object["metadata"]?["creationTimestamp"] = .string(time)
    object["metadata"]?["generation"] = 1
    return object
  }

  /// A changed object with what the server keeps of the old one.
  static func updated(_ object: JSONValue, old: JSONValue, manager: String, time: String) -> JSONValue {
    var object = object
    for key in ["uid", "creationTimestamp", "generation", "resourceVersion"] {
      object["metadata"]?[key] = old["metadata"]?[key]
    }
    object["status"] = old["status"]
    if object["spec"] != old["spec"] {
      let generation = old["metadata"]?["generation"]?.int ?? 1
      object["metadata"]?["generation"] = .number(String(generation + 1))
    }
    let fields = ManagedFields.update(object, manager: manager, time: time)
    object["metadata"]?["managedFields"] = fields
    return object
  }

  static func generatedName(_ base: String) -> String {
    let suffix = (0..<GeneratedName.suffixLength).map { _ in GeneratedName.suffixAlphabet.randomElement()! }
    return String(decoding: Array(base.utf8.prefix(GeneratedName.maxPrefix)) + suffix, as: UTF8.self)
  }

  /// RFC 3339 in UTC, whole seconds.
  static func time(_ date: Date = Date()) -> String { date.formatted(.iso8601) }
}
