import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct LogTests {
  private static let moment = Timestamp(seconds: 1_795_416_001, nanoseconds: 7_999_999)

  private func line(
    _ message: String, _ metadata: Logger.Metadata = [:], level: Logger.Level = .info,
    format: LogFormat = .json,
    label: String = "gate"
  ) -> String {
    let handler = LineLogHandler(label: label, level: .trace, sink: LogSink(descriptor: -1, format: format))
    let event = LogEvent(
      level: level, message: "\(message)", metadata: metadata, source: nil, file: "f", function: "f", line: 1)
    return String(decoding: handler.line(event, at: Self.moment), as: UTF8.self)
  }

  private func members(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  @Test func `an event is one JSON object on one line`() {
    #expect(
      line(
        "clone refused",
        ["user": "alice", "allowed": .stringConvertible(false), "took": .stringConvertible(12)])
        == #"{"time":"2026-11-23T06:40:01.007Z","level":"info","logger":"gate","message":"clone refused","#
        + #""allowed":false,"took":12,"user":"alice"}"# + "\n")
  }

  @Test func `for people it is words`() {
    #expect(
      line(
        "clone refused", ["user": "alice", "why": "no \"grant\"", "n": .stringConvertible(3)], format: .text)
        == #"2026-11-23T06:40:01.007Z INFO gate: clone refused n=3 user=alice why="no \"grant\"""# + "\n")
  }

  @Test(arguments: LogFormat.allCases)
  func `nothing in a value ends the line or steers the terminal`(_ format: LogFormat) throws {
    let scalars =
      (0...0x9F).compactMap(Unicode.Scalar.init) + [
        "\u{2028}", "\u{2029}", "\u{202E}", "\u{2066}", "\u{FEFF}",
      ]
    let evil = String(String.UnicodeScalarView(scalars))
    let line = line(
      evil, ["k": .string(evil), evil: "v", "list": [.string(evil)]], format: format, label: evil)
    let harmful = line.unicodeScalars.dropLast().filter {
      scalars.contains($0) && !(0x20..<0x7F).contains($0.value)
    }
    #expect(harmful.isEmpty)
    #expect(line.hasSuffix("\n"))
    if format == .json {
      #expect(try members(line)["k"] as? String == evil)
      #expect(try members(line)["message"] as? String == evil)
    }
  }

  @Test func `long values are cut, and say so`() throws {
    let name = String(repeating: "é", count: 5000)
    let value = try #require(try members(line("m", ["k": .string(name)]))["k"] as? String)
    #expect(value == String(repeating: "é", count: 512) + "[cut: 10000 bytes]")
  }

  @Test(arguments: LogFormat.allCases)
  func `a line is never longer than a pipe takes at once`(_ format: LogFormat) throws {
    let control = String(repeating: "\u{1}", count: 3000)
    for count in [0, 1, 3, 10, 100] {
      var metadata: Logger.Metadata = [:]
      for i in 0..<count { metadata["key\(i)"] = .string(control) }
      metadata["nested"] = .array(Array(repeating: .array(Array(repeating: "x", count: 100)), count: 100))
      let line = line(control, metadata, format: format, label: control)
      #expect(line.utf8.count <= LogLine.maxBytes)
      #expect(line.contains(format == .json ? "\"cut\":true" : "[cut"))
      if format == .json { _ = try members(line) }
    }
  }

  @Test func `metadata cannot take the place of the line's own members`() throws {
    let members = try members(line("m", ["level": "critical", "time": "never", "cut": "no"]))
    #expect(members["level"] as? String == "info")
    #expect(members["field.level"] as? String == "critical")
    #expect(members["field.time"] as? String == "never")
  }

  @Test func `nested metadata stays nested, down to a bound`() throws {
    var deep: Logger.MetadataValue = "end"
    for _ in 0..<50 { deep = .array([deep]) }
    let line = line("m", ["d": ["b": "2", "a": ["1", .stringConvertible(2)]], "deep": deep])
    #expect(line.contains(#""d":{"a":["1",2],"b":"2"},"deep":[[[["[cut]"]]]]"#))
  }

  @Test func `the nearest metadata wins and lower levels are left out`() throws {
    let pipe = Pipe()
    var handler = LineLogHandler(
      label: "x", level: .notice, sink: LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor))
    handler.metadata = ["a": "handler", "b": "handler", "c": "handler"]
    handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
    let logger = Logger(label: "x") { _ in handler }
    logger.info("not written")
    logger.error("written", error: nil, metadata: ["c": "event"])
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(
      text.contains(
        #""level":"error","logger":"x","message":"written","a":"handler","b":"provider","c":"event"}"#))
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test func `a reader that stopped costs lines, not time, and hears of it when it is back`() throws {
    let pipe = Pipe()
    let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let line = Array(String(repeating: "x", count: 4000).utf8) + [10]
    for _ in 0..<1000 { sink.write(line) }
    let first = pipe.fileHandleForReading.availableData
    #expect(first.count < 1000 * line.count)
    sink.write(Array("{}\n".utf8))
    try pipe.fileHandleForWriting.close()
    let rest = String(decoding: first + pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let lines = rest.split(separator: "\n")
    let whole = lines.filter { $0.utf8.count == 4000 }.count
    #expect(lines.last == "{}")
    #expect(lines.count == whole + 2)
    #expect(lines[whole].contains("\"lost\":\(1000 - whole)"))
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
    (951_782_400, "2000-02-29T00:00:00.000Z"), (951_868_800, "2000-03-01T00:00:00.000Z"),
    (1_709_164_800, "2024-02-29T00:00:00.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.000Z"), (253_402_300_799, "9999-12-31T23:59:59.000Z"),
  ])
  func `a moment is written as RFC 3339 has it`(_ c: (seconds: Int, text: String)) {
    var bytes: [UInt8] = []
    Timestamp(seconds: c.seconds, nanoseconds: 0).append(to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == c.text)
  }

  @Test func `every day for five centuries agrees with Foundation`() {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for day in stride(from: 0, to: 365 * 500, by: 1) {
      var bytes: [UInt8] = []
      Timestamp(seconds: day * 86_400 + 45_296, nanoseconds: 0).append(to: &bytes)
      let date = Date(timeIntervalSince1970: Double(day * 86_400 + 45_296))
      guard String(decoding: bytes, as: UTF8.self) == date.formatted(style) else {
        Issue.record("day \(day)")
        return
      }
    }
  }
}
