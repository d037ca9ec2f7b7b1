import Foundation

/// One bash that runs a scenario's commands in order, in a directory of its own, with the built binary first
/// on PATH. Everything the session started is killed when it ends.
struct Session {
  struct Outcome {
    let output: [String]
    let exit: Int32
  }

  /// No scenario needs longer; one that hangs is a failure, not a wait.
  static let limit: TimeInterval = 900

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `CLONEGATE`, else the release build, else the debug build.
  static var binary: String? {
    let given = ProcessInfo.processInfo.environment["CLONEGATE"]
    let built = ["release", "debug"].map { root.appending(path: ".build/\($0)/clonegate").path }
    return (given.map { [$0] } ?? built).first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The outcome of each step; fewer than the steps when the shell ended or the time was up.
  static func run(_ scenario: Scenario, binary: String) throws -> [Outcome] {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "clonegate-scenario-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in scenario.files {
      let url = folder.appending(path: file.name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.text.write(to: url, atomically: true, encoding: .utf8)
    }
    let marker = "end-of-step-\(UUID().uuidString)"
    let text = try execute(script(scenario, marker), in: folder, binary: binary)
    return outcomes(text, marker)
  }

  private static func script(_ scenario: Scenario, _ marker: String) -> String {
    let steps = scenario.steps.map { "{ \($0.command)\n} </dev/null 2>&1\nprintf '\\n%s %s\\n' \(marker) $?" }
    return (["source \"$SCENARIOS/prelude.sh\""] + steps).joined(separator: "\n")
  }

  private static func execute(_ script: String, in folder: URL, binary: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "--kill-after=5", "\(Int(limit))", "bash", "-c", script]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    let tools = URL(filePath: binary).deletingLastPathComponent().path
    environment["PATH"] = tools + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["SCENARIOS"] = root.appending(path: "Tests/ScenarioTests").path
    environment["ROOT"] = root.path
    environment["OWN_ADDRESS"] = Machine.ownAddress
    environment["LC_ALL"] = "C.UTF-8"
    process.environment = environment
    let output = folder.appending(path: ".session-output")
    try Data().write(to: output)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.standardError
    try process.run()
    process.waitUntilExit()
    return String(decoding: try Data(contentsOf: output), as: UTF8.self)
  }

  private static func outcomes(_ text: String, _ marker: String) -> [Outcome] {
    var outcomes: [Outcome] = []
    var lines: [String] = []
    for line in text.components(separatedBy: "\n") {
      guard line.hasPrefix(marker), let code = Int32(line.dropFirst(marker.count + 1)) else {
        lines.append(line)
        continue
      }
      while lines.last?.isEmpty == true { lines.removeLast() }
      outcomes.append(Outcome(output: lines, exit: code))
      lines = []
    }
    return outcomes
  }
}
