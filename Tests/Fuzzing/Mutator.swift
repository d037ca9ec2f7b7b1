import Chance
import JSONOracle

/// Makes inputs out of inputs. The same seed and the same calls make the same inputs.
struct Mutator {
  /// Larger inputs only cost time: what breaks a reader is rarely long.
  private static let maxBytes = 1 << 16
  private static let maxSteps = 4

  private var random: Dice
  private let words: [[UInt8]]
  private let isJSON: Bool

  init(seed: UInt64, words: [String], isJSON: Bool) {
    random = Dice(seed: seed)
    self.words =
      (words + ["0", "-1", "1", "9223372036854775807", "18446744073709551616", "\u{0}", "é", "\n", "\r\n"])
      .map { Array($0.utf8) }
    self.isJSON = isJSON
  }

  mutating func mutate(_ pool: [[UInt8]]) -> [UInt8] {
    var bytes = pool.randomElement(using: &random)!
    if isJSON, Bool.random(using: &random) {
      var tree = TreeMutator(random: random)
      let other = pool.randomElement(using: &random)!
      let mutated = tree.mutate(bytes, with: other)
      random = tree.random
      if let mutated { return Array(mutated.prefix(Self.maxBytes)) }
    }
    for _ in 0...Int.random(in: 0..<Self.maxSteps, using: &random) { step(&bytes, pool) }
    return Array(bytes.prefix(Self.maxBytes))
  }

  private mutating func step(_ bytes: inout [UInt8], _ pool: [[UInt8]]) {
    let range = range(in: bytes)
    switch Int.random(in: 0..<10, using: &random) {
    case 0 where !bytes.isEmpty:
      bytes[position(in: bytes)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where !bytes.isEmpty: bytes[position(in: bytes)] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(range)
    case 3: bytes.insert(contentsOf: bytes[range], at: range.lowerBound)
    case 4: bytes.replaceSubrange(range, with: words.randomElement(using: &random)!)
    case 5: bytes.removeLast(bytes.count - range.lowerBound)
    case 6:
      let other = pool.randomElement(using: &random)!
      bytes.replaceSubrange(range, with: other[self.range(in: other)])
    case 7:
      let count = Int.random(in: 1...64, using: &random)
      bytes.insert(contentsOf: repeatElement(bytes.first ?? 0x41, count: count), at: range.lowerBound)
    default: bytes.insert(contentsOf: words.randomElement(using: &random)!, at: range.lowerBound)
    }
  }

  private mutating func position(in bytes: [UInt8]) -> Int { Int.random(in: 0..<bytes.count, using: &random) }

  /// Short ranges are more telling than long ones.
  private mutating func range(in bytes: [UInt8]) -> Range<Int> {
    let start = Int.random(in: 0...bytes.count, using: &random)
    let longest = Bool.random(using: &random) ? 8 : 256
    return start..<min(bytes.count, start + Int.random(in: 0...longest, using: &random))
  }
}
