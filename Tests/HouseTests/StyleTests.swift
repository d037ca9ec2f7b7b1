import Foundation
import Testing

/// The house numbers. Raising one is a decision for the README, not for a commit in passing.
private enum Limit {
  static let fileLines = 400
  static let functionLines = 60
  static let columns = 110
  static let nesting = 3
}

@Suite struct `The style` {
  private static let files = House.productFiles + House.testFiles

  @Test(arguments: files) func `files are short`(file: SwiftSource) {
    #expect(file.lines.count <= Limit.fileLines + 1, "\(file.testDescription) has \(file.lines.count) lines")
  }

  @Test(arguments: files) func `lines fit the page`(file: SwiftSource) {
    for (number, line) in file.lines.enumerated() where line.count > Limit.columns {
      Issue.record("\(file.testDescription):\(number + 1) has \(line.count) columns")
    }
  }

  @Test(arguments: files) func `functions are short`(file: SwiftSource) {
    for block in file.blocks where block.kind == .function {
      let length = block.end - block.start + 1
      #expect(
        length <= Limit.functionLines,
        "\(file.testDescription):\(block.start + 1) \(length) lines: \(block.title)")
    }
  }

  @Test(arguments: House.productFiles) func `control flow is shallow`(file: SwiftSource) {
    for block in file.blocks where block.kind == .control && block.nesting > Limit.nesting {
      Issue.record(
        "\(file.testDescription):\(block.start + 1) is nested \(block.nesting) deep: \(block.title)")
    }
  }

  @Test(arguments: House.productFiles) func `a file is named after what it declares`(file: SwiftSource) {
    let type = file.name.prefix { $0 != "+" }
    if file.name == House.room(of: file) || file.name == "Package" { return }
    let declares = file.code.contains { line in
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      guard let at = words.firstIndex(of: type), at > 0 else { return false }
      return ["struct", "class", "enum", "actor", "protocol", "extension", "typealias"].contains(
        words[at - 1])
    }
    #expect(declares, "\(House.room(of: file))/\(file.testDescription) declares no \(type)")
  }

  @Test(arguments: House.productFiles) func `there is no junk drawer`(file: SwiftSource) {
    for word in ["Util", "Helper", "Common", "Manager", "Extras", "Misc"] {
      #expect(!file.name.contains(word), "\(file.testDescription): name the thing, not the drawer")
    }
  }

  @Test(arguments: files) func `an unchecked promise says what keeps it`(file: SwiftSource) {
    for (number, line) in file.code.enumerated()
    where line.contains("nonisolated(unsafe)") || line.contains("@unchecked Sendable") {
      let near = file.lines[max(0, number - 3)...min(file.lines.count - 1, number + 1)]
      #expect(near.contains { $0.contains("//") }, "\(file.testDescription):\(number + 1) needs its sentence")
    }
  }

  /// Swift 6.3.1 miscompiles `nonisolated(nonsending)` under -O: an actor method goes on off its actor.
  @Test(arguments: files) func `nothing uses what the compiler gets wrong or the house bans`(
    file: SwiftSource
  ) {
    for word in ["nonisolated(nonsending)", "@MainActor", "DispatchQueue", "URLSession"] {
      for (number, line) in file.code.enumerated() where line.contains(word) {
        Issue.record("\(file.testDescription):\(number + 1) uses \(word)")
      }
    }
  }

  @Test func `the package turns warnings into errors and leaves the broken feature off`() throws {
    let manifest = try SwiftSource(House.root.appending(path: "Package.swift"))
    #expect(manifest.code.contains { $0.contains(".treatAllWarnings(as: .error)") })
    #expect(!manifest.lines.contains { $0.contains("Feature(\"NonisolatedNonsendingByDefault\")") })
  }
}
