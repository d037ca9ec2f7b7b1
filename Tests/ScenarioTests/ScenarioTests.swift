import Foundation
import Testing

/// Runs every file of `Scenarios/` against the built binary. They share no state, but ports and loop devices
/// are the machine's, so they run one after another. `SCENARIO=clone swift test …` runs clone.txt alone.
@Suite(.serialized) struct `The terminal` {
  private static let folder = Session.root.appending(path: "Tests/ScenarioTests/Scenarios")
  private static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".txt") && (chosen == nil || $0 == "\(chosen!).txt") }.sorted()
  private static let chosen = ProcessInfo.processInfo.environment["SCENARIO"]

  @Test(arguments: names) func `shows what the session says`(name: String) throws {
    let binary = try #require(Session.binary, "build first: swift build -c release")
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    let scenario = Scenario(name: name, text: text)
    try #require(!scenario.steps.isEmpty, "\(name) runs nothing")
    for need in scenario.needs {
      guard let missing = try Machine.missing(need) else { continue }
      print("skipped \(name): \(missing)")
      try Test.cancel("\(missing)")
    }
    let outcomes = try Session.run(scenario, binary: binary)
    for (step, outcome) in zip(scenario.steps, outcomes) {
      let missing = Scenario.mismatch(expected: step.expected, actual: outcome.output)
      if missing == nil && outcome.exit == step.exit { continue }
      Issue.record(
        """
        \(name):\(step.line): $ \(step.command)
        expected \(missing ?? "what came") and exit \(step.exit); got exit \(outcome.exit) and
        \(outcome.output.joined(separator: "\n"))
        """)
      return
    }
    #expect(outcomes.count == scenario.steps.count, "\(name) ended after step \(outcomes.count)")
  }

  @Test func `the pattern language means what it says`() {
    #expect(Scenario.mismatch(expected: ["a [..] c"], actual: ["a b c"]) == nil)
    #expect(Scenario.mismatch(expected: ["a [..] c"], actual: ["a b d"]) == "a [..] c")
    #expect(Scenario.mismatch(expected: ["...", "z"], actual: ["x", "y", "z"]) == nil)
    #expect(Scenario.mismatch(expected: ["...", "z"], actual: ["x", "y"]) == "z")
    #expect(Scenario.mismatch(expected: [], actual: ["x"]) != nil)
    #expect(Scenario.mismatch(expected: ["x"], actual: []) == "x")
  }
}
