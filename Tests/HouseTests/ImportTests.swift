import Foundation
import Testing

@Suite struct `The imports` {
  /// Every `import` in a file: attributes and access words before it do not matter.
  private func imports(_ file: SwiftSource) -> [String] {
    file.code.compactMap { line in
      let words = line.split(separator: " ")
      guard let at = words.firstIndex(of: "import"), words[..<at].allSatisfy({ !$0.contains("=") }) else {
        return nil
      }
      let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "var", "let", "typealias"]
      return words[(at + 1)...].first { !kinds.contains($0) }.map { String($0.prefix { $0 != "." }) }
    }
  }

  @Test(arguments: House.productFiles)
  func `stay inside what the room may know`(file: SwiftSource) {
    let room = House.room(of: file)
    for name in imports(file) where House.mayImport.keys.contains(name) {
      #expect(House.mayImport[room]!.contains(name), "\(room)/\(file.testDescription) may not import \(name)")
    }
  }

  @Test(arguments: House.productFiles)
  func `keep Foundation out where the design says so`(file: SwiftSource) {
    guard House.withoutFoundation.contains(House.room(of: file)) else { return }
    for name in imports(file) where name.hasPrefix("Foundation") {
      Issue.record("\(House.room(of: file))/\(file.testDescription) imports \(name)")
    }
  }

  @Test(arguments: House.productFiles)
  func `name no module that the house does without`(file: SwiftSource) {
    for name in imports(file)
    where name.hasPrefix("NIO") || name == "Dispatch" || name == "FoundationNetworking" {
      Issue.record("\(file.testDescription) imports \(name)")
    }
  }

  @Test func `SwiftNIO is nowhere in the dependency graph`() throws {
    let state = House.root.appending(path: ".build/workspace-state.json")
    // Absent when the package was built with another scratch path.
    guard FileManager.default.fileExists(atPath: state.path) else { return }
    let text = try String(contentsOf: state, encoding: .utf8)
    #expect(text.contains("swift-argument-parser"), "the list of packages could not be read")
    #expect(!text.contains("swift-nio"))
  }

  @Test func `every package is pinned to one version`() throws {
    let manifest = try SwiftSource(House.root.appending(path: "Package.swift"))
    let packages = manifest.lines.filter { $0.contains(".package(url:") }
    #expect(!packages.isEmpty)
    for line in packages { #expect(line.contains("exact:"), "\(line)") }
  }
}
