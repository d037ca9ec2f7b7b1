import Foundation

/// A terminal session kept as text:
///
///     # words for the reader
///     # needs: root apiserver      what the machine must have; else the session is skipped, aloud
///     $ command            run by bash in a directory of its own; continuation lines start with `> `
///     expected output      stdout and stderr together; `[..]` is any text in a line, `...` any lines
///     [exit 1]             the exit code when it is not 0
///
///     -- name --           a file, written before the first command
///     its text
struct Scenario: Sendable {
  struct Step: Sendable {
    var line: Int
    var command: String
    var expected: [String] = []
    var exit: Int32 = 0
  }

  let name: String
  private(set) var needs: [String] = []
  private(set) var steps: [Step] = []
  private(set) var files: [(name: String, text: String)] = []

  init(name: String, text: String) {
    self.name = name
    var inFiles = false
    for (number, line) in text.components(separatedBy: "\n").enumerated() {
      if line.hasPrefix("-- ") && line.hasSuffix(" --") {
        inFiles = true
        files.append((String(line.dropFirst(3).dropLast(3)), ""))
      } else if inFiles {
        files[files.count - 1].text += line + "\n"
      } else {
        session(line, number + 1)
      }
    }
    for index in steps.indices { steps[index].trim() }
  }

  private mutating func session(_ line: String, _ number: Int) {
    if line.hasPrefix("# needs: ") { needs = line.dropFirst(9).split(separator: " ").map(String.init) }
    if line.hasPrefix("#") { return }
    if line.hasPrefix("$ ") {
      steps.append(Step(line: number, command: String(line.dropFirst(2))))
      return
    }
    guard !steps.isEmpty else { return }
    let last = steps.count - 1
    if line.hasPrefix("> ") && steps[last].expected.isEmpty {
      steps[last].command += "\n" + line.dropFirst(2)
    } else if let code = line.wholeMatch(of: /\[exit (\d+)\]/) {
      steps[last].exit = Int32(code.1)!
    } else {
      steps[last].expected.append(line)
    }
  }

  /// nil when `actual` is what was expected, else the first expected line that was not met.
  static func mismatch(expected: [String], actual: [String]) -> String? {
    guard let head = expected.first else {
      return actual.isEmpty ? nil : "nothing more, but got: \(actual[0])"
    }
    let rest = Array(expected.dropFirst())
    if head == "..." {
      for skipped in 0...actual.count
      where mismatch(expected: rest, actual: Array(actual.dropFirst(skipped))) == nil { return nil }
      return rest.first ?? "..."
    }
    guard let line = actual.first else { return head }
    return matches(head, line) ? mismatch(expected: rest, actual: Array(actual.dropFirst())) : head
  }

  /// `[..]` in the pattern stands for any text, also none.
  static func matches(_ pattern: String, _ line: String) -> Bool {
    var parts = pattern.components(separatedBy: "[..]")
    guard parts.count > 1 else { return pattern == line }
    let first = parts.removeFirst()
    let last = parts.removeLast()
    guard line.hasPrefix(first) else { return false }
    var rest = line.dropFirst(first.count)
    for part in parts {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

extension Scenario.Step {
  fileprivate mutating func trim() {
    while expected.last?.isEmpty == true { expected.removeLast() }
  }
}
