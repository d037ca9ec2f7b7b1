/// The loop: every file of the corpus as it is, then mutations of what is interesting.
package struct FuzzRunner {
  /// Inputs that gave a new kind of answer and are mutated further.
  private static let maxInteresting = 4096

  private let target: FuzzTarget
  private var pool: [[UInt8]]
  private var mutator: Mutator
  private var seen: Set<String> = []
  package private(set) var runs = 0

  /// Kinds of answers that were seen.
  package var features: Int { seen.count }

  package init(target: FuzzTarget, corpus: Corpus, seed: UInt64) {
    self.target = target
    pool = corpus.inputs
    mutator = Mutator(seed: seed, words: target.words, isJSON: target.isJSON)
  }

  /// Ends with the last run or at `end`, whatever comes first; throws when a rule is broken.
  package mutating func run(times: Int, until end: ContinuousClock.Instant) throws {
    let keeper = try InputKeeper(target: target.name)
    for input in pool { try check(input, keeper) }
    while runs < times, runs % 64 != 0 || ContinuousClock.now < end {
      let input = mutator.mutate(pool)
      if try check(input, keeper), pool.count < Self.maxInteresting { pool.append(input) }
    }
    keeper.finish()
  }

  /// True when the answer is of a kind that was not seen before.
  @discardableResult
  private mutating func check(_ input: [UInt8], _ keeper: InputKeeper) throws -> Bool {
    runs += 1
    return seen.insert(try keeper.guarded(input, target.run)).inserted
  }

  /// One input, as it is.
  package static func replay(_ input: [UInt8], on target: FuzzTarget) throws {
    let keeper = try InputKeeper(target: target.name)
    _ = try keeper.guarded(input, target.run)
    keeper.finish()
  }
}
