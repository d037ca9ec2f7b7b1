import Foundation
import JSON

/// What an API server does to the metadata of an object on its way into storage.
enum ObjectLifecycle {
  /// Longest name that is made from `generateName`: the length of a DNS label, RFC 1123. The suffix takes
  /// five.
  private static let generatedNameLimit = 63
  /// Kubernetes' alphabet for suffixes: no vowels and nothing that looks like one, so that no words come out.
  private static let suffixLetters = Array("bcdfghjklmnpqrstvwxz2456789")
  private static let suffixLength = 5

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
    let suffix = String((0..<suffixLength).map { _ in suffixLetters.randomElement()! })
    let room = generatedNameLimit - suffixLength
    return String(decoding: base.utf8.prefix(room), as: UTF8.self) + suffix
  }

  /// RFC 3339 in UTC, whole seconds.
  static func time(_ date: Date = Date()) -> String { date.formatted(.iso8601) }
}
