import Foundation
import JSON

/// What `kubectl create rolebinding`, `role` and `clusterrole` make of a command line, words split by
/// a real shell.
enum Kubectl {
  struct Failure: Error { let command: String }

  static func object(made command: String) throws -> JSONValue {
    let words = try split(command)
    guard words.count > 4, words[0] == "kubectl", words[1] == "create" else {
      throw Failure(command: command)
    }
    let flags = words[4...].filter { $0.hasPrefix("--") }.map {
      $0.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
    }
    func flag(_ name: String) -> String { flags.first { $0[0] == name }?[1] ?? "" }
    if words[2] == "clusterrole" { return role("ClusterRole", words, flag) }
    guard let at = words.firstIndex(of: "-n") else { throw Failure(command: command) }
    if words[2] == "role" {
      var made = role("Role", words, flag)
      made["metadata"] = ["name": .string(words[3]), "namespace": .string(words[at + 1])]
      return made
    }
    let isClusterRole = flag("role").isEmpty
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": .string(words[3]), "namespace": .string(words[at + 1])],
      "roleRef": [
        "apiGroup": "rbac.authorization.k8s.io", "kind": isClusterRole ? "ClusterRole" : "Role",
        "name": .string(flag(isClusterRole ? "clusterrole" : "role")),
      ],
      "subjects": [subject(user: flag("user"), account: flag("serviceaccount"))],
    ]
  }

  private static func role(_ kind: JSONValue, _ words: [String], _ flag: (String) -> String) -> JSONValue {
    // resource.group/subresource
    let parts = flag("resource").split(separator: "/", maxSplits: 1).map(String.init)
    let names = parts[0].split(separator: ".", maxSplits: 1).map(String.init)
    var rule: JSONValue = [
      "apiGroups": [.string(names[1])], "resources": [.string(names[0] + "/" + parts[1])],
      "verbs": [.string(flag("verb"))],
    ]
    if !flag("resource-name").isEmpty { rule["resourceNames"] = [.string(flag("resource-name"))] }
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": ["name": .string(words[3])],
      "rules": [rule],
    ]
  }

  private static func subject(user: String, account: String) -> JSONValue {
    if account.isEmpty {
      return ["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(user)]
    }
    let parts = account.split(separator: ":").map(String.init)
    return ["kind": "ServiceAccount", "namespace": .string(parts[0]), "name": .string(parts[1])]
  }

  /// bash says what the words are.
  private static func split(_ command: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "printf '%s\\0' " + command]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(command: command) }
    return output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
