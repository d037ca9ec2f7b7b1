import JSON

/// One run of `apply` over several objects: every object is tried, and each has its line.
struct ApplyRun {
  let server: LocalAPIServer
  let namespace: String
  let output: OutputFormat?
  private(set) var failures = 0
  private var results: [JSONValue] = []
  private var settling = Settling()

  init(server: LocalAPIServer, namespace: String, output: OutputFormat?) {
    self.server = server
    self.namespace = namespace
    self.output = output
  }

  /// Whether all of them can be sent. One that cannot is a mistake in the file, and found before anything of
  /// the file is done.
  mutating func check(_ manifests: [Manifest]) -> Bool {
    for manifest in manifests {
      do { try server.check(manifest.value, namespace: namespace) } catch {
        let place = "\(manifest.file):\(manifest.line)"
        failures += 1
        let refusal = error as? ServerRefusal
        Console.error("error: \(place): \(refusal?.text() ?? "\(error)")")
        guard output != nil else { continue }
        results.append(
          refusal?.status ?? ServerRefusal(code: 400, reason: "BadRequest", message: "\(error)").status)
      }
    }
    if failures > 0, manifests.count > 1 {
      Console.error("nothing was sent: \(failures) of \(manifests.count) objects cannot be")
    }
    return failures == 0
  }

  mutating func apply(_ manifest: Manifest) async {
    do {
      let kind = ObjectKind.of(apiVersion: manifest.apiVersion, kind: manifest.kind)
      if kind?.keeping == .judged { await settling.wait() }
      let applied = try await server.apply(manifest.value, namespace: namespace)
      if applied.kind.keeping == .file, applied.change != .unchanged, !server.isDryRun { settling.changed() }
      report(applied)
    } catch { report(error, manifest) }
  }

  /// Waits until the gate has seen what was written, and prints what programs asked for.
  mutating func finish() async {
    await settling.wait()
    guard let output, !results.isEmpty else { return }
    Console.out(output.text(results, isList: results.count > 1))
  }

  private mutating func report(_ applied: LocalAPIServer.Applied) {
    for warning in applied.warnings { Console.error("Warning: \(warning)") }
    guard output == nil else { return results.append(applied.object) }
    let dry = server.isDryRun ? " (server dry run)" : ""
    Console.out("\(applied.kind.qualified)/\(applied.name) \(applied.change.rawValue)\(dry)")
  }

  private mutating func report(_ error: any Error, _ manifest: Manifest) {
    failures += 1
    guard let refusal = error as? ServerRefusal else {
      Console.error("error: error when creating \"\(manifest.file)\": \(error)")
      if output != nil { results.append(ServerRefusal(code: 500, reason: "", message: "\(error)").status) }
      return
    }
    Console.error(refusal.text(file: manifest.file))
    if output != nil { results.append(refusal.status) }
  }
}
