import JSON
import Jobs

/// One run of `delete` over several objects.
struct DeleteRun {
  let server: LocalAPIServer
  let output: OutputFormat?
  let ignoresMissing: Bool
  let waits: Bool
  private(set) var failures = 0
  private var results: [JSONValue] = []
  /// DataVolumes whose disks the worker still has to remove.
  private var gone: [ObjectName] = []

  /// A disk is unlinked, or a device zeroed, in far less; after this the worker goes on alone.
  private static let patience = Duration.seconds(30)

  init(server: LocalAPIServer, output: OutputFormat?, ignoresMissing: Bool, waits: Bool) {
    self.server = server
    self.output = output
    self.ignoresMissing = ignoresMissing
    self.waits = waits
  }

  mutating func delete(_ kind: ObjectKind, namespace: String, name: String) async {
    do {
      let deleted = try await server.delete(kind, namespace: namespace, name: name)
      report(deleted, namespace: namespace)
    } catch let refusal as ServerRefusal {
      if ignoresMissing, refusal.code == 404 { return }
      failures += 1
      results.append(refusal.status)
      Console.error(refusal.text())
    } catch {
      failures += 1
      results.append(ServerRefusal(code: 500, reason: "", message: "\(error)").status)
      Console.error("error: \(error)")
    }
  }

  private mutating func report(_ deleted: LocalAPIServer.Deleted, namespace: String) {
    for warning in deleted.warnings { Console.error("Warning: \(warning)") }
    let dry = server.isDryRun ? " (server dry run)" : ""
    say("\(deleted.kind.qualified) \"\(deleted.name)\" deleted\(dry)")
    results.append(Self.success(deleted.kind, deleted.name, uid: deleted.uid))
    for dependent in deleted.dependents {
      let kind = ObjectKind.named(dependent.kind)
      let word = kind?.qualified ?? dependent.kind
      say("\(word) \"\(dependent.name)\" deleted, owned by \(deleted.kind.qualified) \"\(deleted.name)\"")
      if let kind { results.append(Self.success(kind, dependent.name)) }
    }
    let own = ObjectName(kind: deleted.kind.kind, namespace: namespace, name: deleted.name)
    if !server.isDryRun {
      gone += ([own] + deleted.dependents).filter { $0.kind == ObjectKind.dataVolume.kind }
    }
  }

  private func say(_ line: String) {
    if output == nil { Console.out(line) }
  }

  /// What an API server answers to a DELETE.
  private static func success(_ kind: ObjectKind, _ name: String, uid: String? = nil) -> JSONValue {
    var details: JSONObject = [
      "name": .string(name), "group": .string(kind.group), "kind": .string(kind.resource),
    ]
    if let uid { details["uid"] = .string(uid) }
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": .object(details),
    ]
  }

  /// Waits for the disks to go, as `kubectl delete` waits for finalizers, and prints what programs asked for.
  func finish() async {
    await waitForDisks()
    guard let output, !results.isEmpty else { return }
    Console.out(output.text(results, isList: results.count > 1))
  }

  private func waitForDisks() async {
    guard waits, !gone.isEmpty else { return }
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end {
      let left = await remaining()
      guard !left.isEmpty else { return }
      if (try? await server.journal.worker())??.isAlive != true {
        let names = left.map { "\($0.terms.namespace)/\($0.terms.name)" }.joined(separator: ", ")
        return Console.error("Warning: no worker is running; the disks of \(names) go when one does")
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    Console.error("Warning: the worker is still removing disks after \(Self.patience); it goes on")
  }

  private func remaining() async -> [Job] {
    let jobs = (try? await server.journal.jobs(JobFilter(includesRemoved: true))) ?? []
    return jobs.filter { job in
      job.removed && gone.contains { $0.namespace == job.terms.namespace && $0.name == job.terms.name }
    }
  }
}
