import Foundation
import Synchronization
import Testing

@testable import clonegate

@Suite struct `The directory watch` {
  private final class Readings: Sendable {
    private let names = Mutex<[[String]]>([])
    var last: [String]? { names.withLock { $0.last } }
    var count: Int { names.withLock { $0.count } }
    func add(_ contents: StandaloneDirectory.Contents) {
      names.withLock { $0.append(contents.manifests.map(\.name)) }
    }
  }

  private func namespace(_ name: String) -> String {
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name)}\n"
  }

  /// Waits for a condition that a correct watch fulfils in a fraction of this time.
  private func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<1_000 {
      if condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it never happened")
  }

  @Test func `reads at once, again after a change, and when it is told to`() async throws {
    let home = try TemporaryDirectory()
    try home.write("a.yaml", namespace("one"))
    let readings = Readings()
    let watch = DirectoryWatch(StandaloneDirectory(path: home.path)) { readings.add($0) }
    watch.start()
    defer { watch.stop() }
    #expect(readings.last == ["one"])
    try home.write("b.yaml", namespace("two"))
    try await eventually { readings.last == ["one", "two"] }
    try FileManager.default.removeItem(atPath: home.path + "/a.yaml")
    try await eventually { readings.last == ["two"] }
    let count = readings.count
    watch.readAgain()
    try await eventually { readings.count == count + 1 }
  }
}
