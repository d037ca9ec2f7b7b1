import Foundation
import Fuzzing

struct FuzzUsage: Error, CustomStringConvertible {
  let description: String
}

/// The command line.
struct FuzzOptions {
  private(set) var targets: [FuzzTarget]
  private(set) var runs = 20_000
  private(set) var seed: UInt64 = 1
  /// For each target; what is reached first ends it.
  private(set) var seconds = 60
  private(set) var replay: URL?
  private var folder: URL?

  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/fuzz").standardized

  init(_ words: [String]) throws {
    let names = FuzzTarget.all.map(\.name)
    guard let name = words.first, name == "all" || names.contains(name) else {
      throw FuzzUsage(description: "name a target: all, \(names.joined(separator: ", "))")
    }
    targets = FuzzTarget.all.filter { name == "all" || $0.name == name }
    var rest = words.dropFirst()
    while let option = rest.popFirst() {
      guard let value = rest.popFirst() else { throw FuzzUsage(description: "\(option) needs a value") }
      try set(option, value)
    }
    if targets.count > 1, replay != nil || folder != nil {
      throw FuzzUsage(description: "--replay and --corpus belong to one target: name it")
    }
  }

  func corpus(of target: FuzzTarget) -> URL { folder ?? Self.fixtures.appending(path: target.name) }

  private mutating func set(_ option: String, _ value: String) throws {
    switch option {
    case "--runs": runs = try number(option, value)
    case "--seconds": seconds = try number(option, value)
    case "--seed": seed = try number(option, value)
    case "--corpus": folder = URL(filePath: value)
    case "--replay": replay = URL(filePath: value)
    default:
      throw FuzzUsage(description: "\(option) is unknown: use --runs, --seed, --seconds, --corpus, --replay")
    }
  }

  private func number<Number: FixedWidthInteger>(_ option: String, _ value: String) throws -> Number {
    guard let number = Number(value), number >= 0 else {
      throw FuzzUsage(description: "\(option) needs a whole number, not \(value)")
    }
    return number
  }
}

extension FuzzTarget {
  /// All of them. A new reader of strangers' bytes gets a line here and a folder under Tests/Fixtures/fuzz.
  static let all: [FuzzTarget] = [.json, .patch, .quantity, .rbac, .review, .http1]
}
