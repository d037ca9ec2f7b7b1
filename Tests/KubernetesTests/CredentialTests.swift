import Foundation
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct CredentialTests {
  /// A clock that only moves when told.
  final class Clock: Sendable {
    private let now = Mutex(ContinuousClock.now)
    var instant: ContinuousClock.Instant { now.withLock { $0 } }
    func advance(_ duration: Duration) { now.withLock { $0 += duration } }
  }

  private func scratch() throws -> String {
    let folder = NSTemporaryDirectory() + "credential-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  private func plugin(_ script: String, in folder: String) throws -> ExecPlugin {
    let path = "\(folder)/plugin"
    try "#!/bin/sh\necho run >>\(folder)/runs\n\(script)\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return ExecPlugin(command: path, arguments: ["a b"], environment: ["COLOUR": "red"])
  }

  private func runs(in folder: String) -> Int {
    let text = try? String(contentsOfFile: "\(folder)/runs", encoding: .utf8)
    return text?.split(separator: "\n").count ?? 0
  }

  @Test func `a token file is read again after a minute, after a refusal, and kept when it is gone`()
    async throws
  {
    let folder = try scratch(), file = "\(folder)/token", clock = Clock()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ text: String) throws { try text.write(toFile: file, atomically: true, encoding: .utf8) }
    try write("one\n")
    let source = CredentialSource(.tokenFile(file), instant: { clock.instant })
    #expect(try await source.current().token == "one")
    try write("two\n")
    clock.advance(.seconds(59))
    #expect(try await source.current().token == "one")
    clock.advance(.seconds(1))
    #expect(try await source.current().token == "two")
    try write("three\n")
    #expect(try await source.renewed(after: .init(token: "two")))
    #expect(try await source.current().token == "three")
    #expect(try await source.renewed(after: .init(token: "three")) == false)
    try FileManager.default.removeItem(atPath: file)
    clock.advance(.seconds(60))
    #expect(try await source.current().token == "three")
  }

  @Test func `a plugin runs once for many and again when its credential expires or is refused`()
    async throws
  {
    let folder = try scratch(), clock = Clock()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let soon = MicroTime(microseconds: MicroTime.now.microseconds + 3_600_000_000).seconds
    let script = """
      case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 3;; esac
      printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{'
      count=$(wc -l <\(folder)/runs)
      printf '"token":"%s-%s-%s","expirationTimestamp":"\(soon)"}}' "$1" "$COLOUR" "$count" | tr -d ' '
      """
    let source = CredentialSource(
      .exec(try plugin(script, in: folder)), instant: { clock.instant })
    let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<8 { group.addTask { try await source.current().token } }
      return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    #expect(tokens == ["ab-red-1"] && runs(in: folder) == 1)
    #expect(try await source.renewed(after: .init(token: "ab-red-1")) == false)
    clock.advance(.seconds(10))
    #expect(try await source.renewed(after: .init(token: "ab-red-1")))
    #expect(runs(in: folder) == 2)
  }

  @Test func `a credential that has expired is fetched anew each time`() async throws {
    let folder = try scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = """
      echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":\
      {"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"}}'
      """
    let source = CredentialSource(.exec(try plugin(script, in: folder)))
    for _ in 0..<3 { _ = try await source.current() }
    #expect(runs(in: folder) == 3)
  }

  @Test(arguments: [
    ("echo no luck >&2; exit 4", "no luck"), ("echo hello", "ExecCredential"),
    ("head -c 1000000 /dev/zero", ""), ("exec /nowhere/at/all", ""),
  ])
  func `a plugin that gives nothing is named with its words`(script: String, words: String) async throws {
    let folder = try scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = CredentialSource(.exec(try plugin(script, in: folder)))
    let error = await #expect(throws: KubernetesError.self) { _ = try await source.current() }
    #expect(error?.reason == .unusable)
    let message = error?.message ?? ""
    #expect(words.isEmpty || message.contains(words), "\(message)")
    #expect(error?.message.contains("\(folder)/plugin") == true)
  }
}
