internal import Logging

/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
  /// One JSON object a line, for programs.
  case json
  /// `time LEVEL label: message key=value`, for people.
  case text
}

/// One line as it is made, never longer than `maxBytes`.
struct LogLine {
  /// PIPE_BUF on Linux: writes of up to this size to a pipe are atomic (pipe(7)), and a pipe that polls as
  /// writable takes one without blocking.
  static let maxBytes = 4096
  /// Room for the mark that something was left out, the bracket and the line break.
  private static let reserve = 32
  /// Values within values, as metadata may hold them.
  private static let maxDepth = 4

  private(set) var bytes: [UInt8] = []
  private let format: LogFormat
  private var isCut = false

  init(_ format: LogFormat) {
    self.format = format
    bytes.reserveCapacity(512)
  }

  mutating func begin(_ time: Timestamp, _ level: Logger.Level, _ label: String, _ message: String) {
    switch format {
    case .json:
      bytes += "{\"time\":\"".utf8
      time.append(to: &bytes)
      bytes += "\",\"level\":\"\(level)\",\"logger\":\"".utf8
      LogText.append(label, to: &bytes, limit: 128)
      bytes += "\",\"message\":\"".utf8
      LogText.append(message, to: &bytes)
      bytes.append(UInt8(ascii: "\""))
    case .text:
      time.append(to: &bytes)
      bytes += " \(level.rawValue.uppercased()) ".utf8
      LogText.append(label, to: &bytes, limit: 128)
      bytes += ": ".utf8
      LogText.append(message, to: &bytes)
    }
  }

  /// One more member; left out, and marked so, when the line would grow too long.
  mutating func field(_ key: String, _ value: Logger.MetadataValue) {
    let before = bytes.count
    switch format {
    case .json:
      bytes += ",\"".utf8
      LogText.append(Self.reserved.contains(key) ? "field.\(key)" : key, to: &bytes, limit: 128)
      bytes += "\":".utf8
      json(value, depth: 0)
    case .text:
      bytes.append(UInt8(ascii: " "))
      LogText.append(key, to: &bytes, limit: 128)
      bytes.append(UInt8(ascii: "="))
      if case .string(let text) = value { word(text) } else { word("\(value)") }
    }
    guard bytes.count > Self.maxBytes - Self.reserve else { return }
    bytes.removeSubrange(before...)
    isCut = true
  }

  mutating func end() {
    switch format {
    case .json: bytes += (isCut ? ",\"cut\":true}\n" : "}\n").utf8
    case .text: bytes += (isCut ? " [cut]\n" : "\n").utf8
    }
  }

  private static let reserved: Set<String> = ["time", "level", "logger", "message", "cut"]

  private mutating func word(_ text: String) {
    if LogText.isPlain(text) {
      bytes += text.utf8
    } else {
      quoted(text)
    }
  }

  private mutating func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    LogText.append(text, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func json(_ value: Logger.MetadataValue, depth: Int) {
    guard depth < Self.maxDepth, bytes.count < Self.maxBytes else { return quoted("[cut]") }
    switch value {
    case .string(let text): quoted(text)
    case .stringConvertible(let other): json(other)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (place, value) in values.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        json(value, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "]"))
    case .dictionary(let members):
      bytes.append(UInt8(ascii: "{"))
      for (place, key) in members.keys.sorted().enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        quoted(key)
        bytes.append(UInt8(ascii: ":"))
        json(members[key] ?? "", depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Numbers and truth values stay what they are, so that programs can compare them.
  private mutating func json(_ value: any CustomStringConvertible) {
    switch value {
    case let flag as Bool: bytes += "\(flag)".utf8
    case let number as any FixedWidthInteger: bytes += "\(number)".utf8
    case let number as Double where number.isFinite: bytes += "\(number)".utf8
    default: quoted(value.description)
    }
  }
}
