import Chance
import JSON
import JSONOracle
import Testing

@Suite struct DifferentialTests {
  @Test(arguments: ConformanceCase.all)
  func `Foundation agrees on the conformance table, or the difference is intended`(_ c: ConformanceCase) {
    if case .disagree(let why) = FoundationOracle.judge(c.bytes) { Issue.record("\(why)") }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `Foundation agrees on documents made at random`(_ seed: UInt64) throws {
    var maker = DocumentMaker(seed: seed)
    for _ in 0..<500 {
      let bytes = maker.document()
      if case .disagree(let why) = FoundationOracle.judge(bytes) {
        Issue.record("\(why): \(String(decoding: bytes, as: UTF8.self))")
      }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      #expect(try JSONValue(parsing: value.bytes) == value)
      #expect(JSONNode(value).value == value)
    }
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `Foundation agrees on documents that were damaged at random`(_ seed: UInt64) {
    var maker = DocumentMaker(seed: seed)
    var accepted = 0
    for _ in 0..<1500 {
      let bytes = maker.damaged(maker.document())
      let verdict = FoundationOracle.judge(bytes)
      if case .disagree(let why) = verdict { Issue.record("\(why): \(bytes)") }
      if (try? JSONDocument(parsing: bytes)) != nil { accepted += 1 }
    }
    #expect((100..<1400).contains(accepted), "the damage must leave some documents valid and break others")
  }
}

/// Documents from a seed: the same seed makes the same documents.
struct DocumentMaker {
  private var random: Dice

  init(seed: UInt64) { random = Dice(seed: seed) }

  private static let texts = [
    "", "a", "spec", "é", "e\\u0301", "\\u00e9", "\\n", "\\\"", "\\\\", "\\/", "\\u0000", "\\ud83d\\ude00",
    "😀", "eight by",
    "f:metadata", "k:{\\\"name\\\":\\\"x\\\"}", "\u{7F}", "\u{FFFF}", "0123456789abcdef0123", "\\uD7FF",
    "\\uE000",
  ]
  private static let numbers = [
    "0", "-0", "1", "-1", "10", "1.5", "-2.25e3", "1e0", "1E+2", "12e-3", "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808", "18446744073709551615", "0.1", "123456789.125", "1e300", "1e-300", "1e400",
  ]
  private static let spaces = ["", "", "", " ", "\n", "\t", "\r\n", "  "]

  mutating func document() -> [UInt8] { Array((space() + value(depth: 0) + space()).utf8) }

  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0..<3, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.remove(at: at)
      case 1: bytes.insert(Array("{}[],:\"\\ 0-+.eu\u{0}".utf8).randomElement(using: &random)!, at: at)
      case 2: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 3: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      default: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &random))
      }
    }
    return bytes
  }

  private mutating func space() -> String { Self.spaces.randomElement(using: &random)! }
  private mutating func text() -> String { "\"\(Self.texts.randomElement(using: &random)!)\"" }

  private mutating func value(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 5 ? 5 : 8), using: &random) {
    case 0: return "null"
    case 1: return Bool.random(using: &random) ? "true" : "false"
    case 2: return Self.numbers.randomElement(using: &random)!
    case 3, 4: return text()
    case 5:
      let values = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
        space() + value(depth: depth + 1) + space()
      }
      return "[" + values.joined(separator: ",") + space() + "]"
    default:
      let members = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
        space() + text() + space() + ":" + space() + value(depth: depth + 1) + space()
      }
      return "{" + members.joined(separator: ",") + space() + "}"
    }
  }
}
