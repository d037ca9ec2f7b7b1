/// A strict reader of Prometheus' text format 0.0.4: what it does not understand is an error, not a guess.
struct PrometheusText {
  struct Fault: Error { let line: String }
  struct Family { var type = "", help: String?, samples: [Sample] = [] }
  struct Sample: Equatable { var name: String, labels: [String: String], value: Double }

  private(set) var families: [String: Family] = [:]
  private(set) var order: [String] = []

  init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else { throw Fault(line: "no line break at the end") }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      try read(String(line))
    }
  }

  func samples(_ name: String) -> [Sample] { families.values.flatMap(\.samples).filter { $0.name == name } }

  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    samples(name).first { $0.labels == labels }?.value
  }

  private mutating func read(_ line: String) throws {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    if line.hasPrefix("# HELP ") {
      guard words.count == 4, families[words[2]] == nil else { throw Fault(line: line) }
      families[words[2]] = Family(help: words[3])
      order.append(words[2])
    } else if line.hasPrefix("# TYPE ") {
      let types = ["counter", "gauge", "histogram", "summary", "untyped"]
      guard words.count == 4, types.contains(words[3]) else { throw Fault(line: line) }
      if families[words[2]] == nil { order.append(words[2]) }
      guard families[words[2], default: Family()].type.isEmpty else { throw Fault(line: line) }
      families[words[2], default: Family()].type = words[3]
    } else {
      try read(sample: line)
    }
  }

  private mutating func read(sample line: String) throws {
    var rest = Substring(line)
    let name = take(&rest) { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
    guard let first = name.first, !first.isNumber, name.allSatisfy(\.isASCII) else { throw Fault(line: line) }
    var sample = Sample(name: name, labels: [:], value: 0)
    if rest.first == "{" { sample.labels = try labels(&rest, line) }
    guard rest.first == " ", let value = number(String(rest.dropFirst())) else { throw Fault(line: line) }
    sample.value = value
    guard let family = order.last, try belongs(name, to: family) else { throw Fault(line: line) }
    let twice = families[family]!.samples.contains { $0.name == name && $0.labels == sample.labels }
    guard !twice else { throw Fault(line: line) }
    families[family]!.samples.append(sample)
  }

  /// Samples stand under the `# TYPE` line of their own metric.
  private func belongs(_ name: String, to family: String) throws -> Bool {
    guard families[family]?.type == "histogram" else { return name == family }
    return ["_bucket", "_sum", "_count"].contains { name == family + $0 }
  }

  private func labels(_ rest: inout Substring, _ line: String) throws -> [String: String] {
    var labels: [String: String] = [:]
    repeat {
      rest = rest.dropFirst()  // the brace or the comma
      let name = take(&rest) { ($0.isLetter || $0.isNumber || $0 == "_") && $0.isASCII }
      guard !name.isEmpty, !name.first!.isNumber, rest.hasPrefix("=\"") else { throw Fault(line: line) }
      rest = rest.dropFirst(2)
      guard let value = quoted(&rest), labels[name] == nil else { throw Fault(line: line) }
      labels[name] = value
    } while rest.first == ","
    guard rest.first == "}" else { throw Fault(line: line) }
    rest = rest.dropFirst()
    return labels
  }

  private func quoted(_ rest: inout Substring) -> String? {
    var value = ""
    while let character = rest.unicodeScalars.popFirst() {
      switch character {
      case "\"": return value
      case "\\":
        guard let escaped = rest.unicodeScalars.popFirst(),
          let meant = ["n": "\n", "\\": "\\", "\"": "\""][escaped]
        else { return nil }
        value += meant
      default: value.unicodeScalars.append(character)
      }
    }
    return nil
  }

  private func number(_ text: String) -> Double? {
    if text == "+Inf" { return .infinity }
    if text == "-Inf" { return -.infinity }
    if text == "NaN" { return .nan }
    guard text.allSatisfy({ $0.isNumber || "+-.e".contains($0) }) else { return nil }
    return Double(text)
  }

  private func take(_ rest: inout Substring, while test: (Character) -> Bool) -> String {
    let taken = rest.prefix(while: test)
    rest = rest[taken.endIndex...]
    return String(taken)
  }
}
