import JSON
import Jobs

/// One run of `delete` over several objects.
struct DeleteRun {
  let server: LocalAPIServer
  let ignoresMissing: Bool
  let waits: Bool
  private(set) var failures = 0
  /// DataVolumes whose disks the worker still has to remove.
  private var gone: [ObjectName] = []

  /// A disk is unlinked, or a device zeroed, in far less; after this the worker goes on alone.
  private static let patience = Duration.seconds(30)

  init(server: LocalAPIServer, ignoresMissing: Bool, waits: Bool) {
    self.server = server
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
      Console.error(refusal.text())
    } catch {
      failures += 1
      Console.error("error: \(error)")
    }
  }

  private mutating func report(_ deleted: LocalAPIServer.Deleted, namespace: String) {
    for warning in deleted.warnings { Console.error("Warning: \(warning)") }
    let dry = server.isDryRun ? " (server dry run)" : ""
    Console.out("\(deleted.kind.qualified) \"\(deleted.name)\" deleted\(dry)")
    for dependent in deleted.dependents {
      let kind = ObjectKind.named(dependent.kind)?.qualified ?? dependent.kind
      Console.out(
        "\(kind) \"\(dependent.name)\" deleted, owned by \(deleted.kind.qualified) \"\(deleted.name)\"")
    }
    let own = ObjectName(kind: deleted.kind.kind, namespace: namespace, name: deleted.name)
    if !server.isDryRun {
      gone += ([own] + deleted.dependents).filter { $0.kind == ObjectKind.dataVolume.kind }
    }
  }

  /// Waits for the disks to go, as `kubectl delete` waits for finalizers.
  func finish() async {
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
