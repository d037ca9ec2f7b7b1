import Foundation
import Testing

@Suite struct `The layout` {
  @Test func `the root holds exactly what the design names`() throws {
    let tracked = try git("ls-files").split(separator: "\n").map { $0.split(separator: "/")[0] }
    let visible = Set(tracked.map(String.init).filter { !$0.hasPrefix(".") })
    #expect(visible == ["Package.swift", "Sources", "Tests", "certs", "deploy", "README.md"])
  }

  @Test func `every room stands in the import table`() {
    #expect(Set(House.rooms).isSubset(of: Set(House.mayImport.keys)))
  }

  @Test(arguments: House.swiftRooms)
  func `a room says what it is for before its first line of code`(room: String) throws {
    let name = room == "clonegate" ? "Clonegate" : room
    let file = try SwiftSource(House.sources.appending(path: "\(room)/\(name).swift"))
    let purpose = file.lines.drop { $0.hasPrefix("import") || $0.isEmpty }.prefix { $0.hasPrefix("//") }
    #expect(
      purpose.joined().count >= 150,
      "\(file.testDescription) needs a paragraph: what for, when not, vocabulary")
  }

  @Test func `every room has tests`() {
    let tests = Set(House.names(in: House.root.appending(path: "Tests")))
    for room in House.swiftRooms {
      #expect(tests.contains(room == "clonegate" ? "HallTests" : "\(room)Tests"), "\(room) has no tests")
    }
  }

  @Test func `no private key is kept in the repository`() throws {
    let marker = "-----BEGIN( [A-Z]+)? PRIVATE" + " KEY-----"
    let hits = try git("grep", "-lE", "-e", marker, allowing: 1)
    #expect(hits.isEmpty, "\(hits)")
  }

  @Test func `nothing is left to do`() {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
    for file in House.productFiles + House.testFiles {
      for (number, line) in file.lines.enumerated() {
        for word in words where line.contains(word) {
          Issue.record("\(file.testDescription):\(number + 1) says \(word): finish it or file an issue")
        }
      }
    }
  }

  private func git(_ words: String..., allowing status: Int32 = 0) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", House.root.path] + words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus <= status, "git \(words.joined(separator: " ")) failed")
    return String(decoding: output, as: UTF8.self)
  }
}
