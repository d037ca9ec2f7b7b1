import Foundation
import Testing

/// One Swift file as the rules see it: its lines, and the same lines with comments and the text of string
/// literals blanked, so that a brace or a word inside either is not mistaken for code.
struct SwiftSource: CustomTestStringConvertible {
  let url: URL
  let lines: [String]
  let code: [String]
  var testDescription: String { url.lastPathComponent }
  var name: String { url.deletingPathExtension().lastPathComponent }

  init(_ url: URL) throws {
    self.url = url
    let text = try String(contentsOf: url, encoding: .utf8)
    lines = text.components(separatedBy: "\n")
    code = Self.blank(text).components(separatedBy: "\n")
  }

  init(text: String) {
    url = URL(filePath: "/Example.swift")
    lines = text.components(separatedBy: "\n")
    code = Self.blank(text).components(separatedBy: "\n")
  }

  private enum Place: Equatable {
    case code, lineComment, blockComment(Int), string(hashes: Int, lines: Bool)
  }

  private static func blank(_ text: String) -> String {
    var out: [Character] = []
    var place = Place.code
    var rest = Substring(text)
    func starts(_ prefix: String) -> Bool { rest.hasPrefix(prefix) }
    func take(_ count: Int, keep: Bool = false) {
      for character in rest.prefix(count) { out.append(keep || character == "\n" ? character : " ") }
      rest = rest.dropFirst(count)
    }
    while !rest.isEmpty {
      switch place {
      case .code:
        if starts("//") {
          place = .lineComment
        } else if starts("/*") {
          place = .blockComment(1)
          take(2)
        } else if let opening = openingQuote(rest) {
          place = opening.place
          take(opening.length)
        } else {
          take(1, keep: true)
        }
      case .lineComment:
        if starts("\n") { place = .code }
        take(1)
      case .blockComment(let depth):
        if starts("*/") {
          place = depth == 1 ? .code : .blockComment(depth - 1)
          take(2)
        } else if starts("/*") {
          place = .blockComment(depth + 1)
          take(2)
        } else {
          take(1)
        }
      case .string(let hashes, let multiline):
        let mark = String(repeating: "#", count: hashes)
        let closing = (multiline ? "\"\"\"" : "\"") + mark
        if starts("\\" + mark) && !starts("\\" + mark + "(") {
          take(2 + hashes)
        } else if starts(closing) {
          place = .code
          take(closing.count)
        } else {
          take(1)
        }
      }
    }
    return String(out)
  }

  private static func openingQuote(_ rest: Substring) -> (place: Place, length: Int)? {
    guard rest.first == "\"" || rest.first == "#" else { return nil }
    let hashes = rest.prefix { $0 == "#" }.count
    let quote = rest.dropFirst(hashes)
    if quote.hasPrefix("\"\"\"") { return (.string(hashes: hashes, lines: true), hashes + 3) }
    if quote.hasPrefix("\"") { return (.string(hashes: hashes, lines: false), hashes + 1) }
    return nil
  }
}

/// A block in braces, as far as a rule needs to know it.
struct Block {
  enum Kind { case function, control, other }
  let kind: Kind
  /// Line of the declaration's first word, counted from 0.
  let start: Int
  var end = 0
  /// Control blocks around this one, inside the same function; this one counts when it is a control block.
  let nesting: Int
  let title: String
}

extension SwiftSource {
  /// Every block in the file, outermost first.
  var blocks: [Block] {
    var blocks: [Block] = []
    var open: [Int] = []
    var head = ""
    var headLine = 0
    var parentheses = 0
    for (number, line) in code.enumerated() {
      for character in line {
        switch character {
        case "{":
          let kind = Self.kind(of: head)
          let around = open.last.map { blocks[$0] }
          let outside = kind == .function ? 0 : (around?.nesting ?? 0)
          blocks.append(
            Block(
              kind: kind, start: head.isBlank ? number : headLine,
              nesting: outside + (kind == .control ? 1 : 0),
              title: head.trimmingCharacters(in: .whitespaces)))
          open.append(blocks.count - 1)
          head = ""
        case "}":
          if let last = open.popLast() { blocks[last].end = number }
          head = ""
        case ";": head = ""
        case "(": parentheses += 1; head.append(character)
        case ")": parentheses -= 1; head.append(character)
        default:
          if head.isBlank { headLine = number }
          head.append(character)
        }
      }
      // A declaration may run over several lines: an open parenthesis or a keyword keeps its head.
      if parentheses <= 0 && !Self.continues(head) { head = "" } else { head.append(" ") }
    }
    return blocks
  }

  private static let controlWords: Set<String> = [
    "if", "else", "for", "while", "switch", "do", "catch", "repeat", "guard",
  ]

  private static func words(_ head: String) -> [Substring] {
    head.split { !($0.isLetter || $0 == "_" || $0 == "@" || $0.isNumber) }
  }

  private static func kind(of head: String) -> Block.Kind {
    let words = words(head)
    if words.contains("func") || words.contains("init") && !head.contains("=") || words.contains("deinit") {
      return .function
    }
    guard let first = words.first(where: { $0 != "try" && $0 != "await" }) else { return .other }
    return controlWords.contains(String(first)) ? .control : .other
  }

  private static func continues(_ head: String) -> Bool {
    let words = words(head)
    if words.contains("func") || words.contains("init") { return true }
    return words.first.map { controlWords.contains(String($0)) } ?? false
  }
}

extension String {
  fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
