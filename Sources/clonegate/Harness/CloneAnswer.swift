import Admission
import Authorization
import JSON

/// What `can-clone` says.
struct CloneAnswer {
  let verdict: CloneVerdict
  let policy: Policy

  /// For programs: `allowed`, `reason`, `by` (the binding, or null) and `remedy` (a shell command, or null).
  var json: JSONValue {
    [
      "allowed": .bool(verdict.allowed), "reason": .string(verdict.reason),
      "by": verdict.by.map(\.json) ?? .null, "remedy": Self.command(verdict.remedy),
      "remedyForThisDisk": Self.command(verdict.remedyForOneDisk),
      "asked": .array(verdict.identities.map { .string($0.name) }),
      "nearMisses": .array(nearMisses.map { .string($0) }),
    ]
  }

  var text: String {
    let source = "\(verdict.source.id)"
    guard !verdict.allowed else {
      return "yes: \(source) may be cloned into \(verdict.targetNamespace)\n  \(verdict.reason)"
    }
    var lines = ["no: \(source) may not be cloned into \(verdict.targetNamespace)", "  \(verdict.reason)"]
    if !nearMisses.isEmpty { lines += ["what comes close:"] + nearMisses.map { "  \($0)" } }
    lines += Self.advice("to allow every disk of namespace \(verdict.source.id.namespace):", verdict.remedy)
    lines += Self.advice("to allow this disk only:", verdict.remedyForOneDisk)
    return lines.joined(separator: "\n")
  }

  /// Of the first identity: the one that the remedy would be for.
  private var nearMisses: [String] {
    guard !verdict.allowed, let first = verdict.asked.first else { return [] }
    return policy.explain(first.attributes).nearMisses.map(\.sentence)
  }

  private static func command(_ commands: [String]) -> JSONValue {
    commands.isEmpty ? .null : .string(commands.joined(separator: " && "))
  }

  private static func advice(_ title: String, _ commands: [String]) -> [String] {
    commands.isEmpty ? [] : [title] + commands.map { "  \($0)" }
  }
}

extension Grant {
  var json: JSONValue {
    [
      "kind": .string(kind), "namespace": .string(namespace), "name": .string(name),
      "roleKind": .string(roleKind),
      "roleName": .string(roleName), "subject": .string(subject.description),
      "rule": .number(String(ruleIndex)),
    ]
  }
}
