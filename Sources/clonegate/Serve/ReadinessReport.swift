import JSON

/// The answer of `/readyz`: in Kubernetes' words for people and probes, in JSON for programs.
struct ReadinessReport: Sendable, Hashable {
  let checks: [ReadinessCheck]

  var isReady: Bool { checks.allSatisfy { $0.problem == nil } }

  var text: String {
    let lines = checks.map { check in
      if let problem = check.problem { return "[-]\(check.name) failed: \(problem)" }
      return "[+]\(check.name) ok" + (check.note.map { ": \($0)" } ?? "")
    }
    return (lines + ["readyz check \(isReady ? "passed" : "failed")", ""]).joined(separator: "\n")
  }

  var json: JSONValue {
    [
      "ready": .bool(isReady),
      "checks": .array(
        checks.map { check in
          var value: JSONValue = ["name": .string(check.name), "ok": .bool(check.problem == nil)]
          if let problem = check.problem { value["problem"] = .string(problem) }
          if let note = check.note { value["note"] = .string(note) }
          return value
        }),
    ]
  }
}
