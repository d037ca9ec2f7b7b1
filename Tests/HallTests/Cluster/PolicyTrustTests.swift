import Testing

@testable import clonegate

@Suite struct `Trust in the policy in force` {
  private static let start = ContinuousClock.now

  /// Looks at the tables, in milliseconds after the start: what each finds.
  struct Looks: Sendable {
    let times: [Int]
    var hasNewest = true
    var isWatched = true

    static func every50(_ range: ClosedRange<Int>) -> [Int] {
      Array(stride(from: range.lowerBound, through: range.upperBound, by: 50))
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let looks: [Looks]
    /// The last gap's end; nil before the first list.
    var resumed: Int? = -60_000
    let now: Int
    let isGiven: Bool
  }

  private static let quiet = Looks(times: Looks.every50(0...5000))

  @Test(arguments: [
    Case(testDescription: "a quiet cluster", looks: [quiet], now: 5050, isGiven: true),
    Case(testDescription: "the last look a second ago", looks: [quiet], now: 6000, isGiven: true),
    Case(
      testDescription: "no look for longer: a stop, or a long making", looks: [quiet], now: 6001,
      isGiven: false),
    Case(
      testDescription: "a change that no snapshot has yet, just now",
      looks: [quiet, Looks(times: Looks.every50(5050...5500), hasNewest: false)], now: 5550, isGiven: true),
    Case(
      testDescription: "a change that no snapshot has for a second",
      looks: [quiet, Looks(times: Looks.every50(5050...6500), hasNewest: false)], now: 6550, isGiven: false),
    Case(
      testDescription: "a change that came into force",
      looks: [
        quiet, Looks(times: Looks.every50(5050...6500), hasNewest: false), Looks(times: [6550]),
      ], now: 6550, isGiven: true),
    Case(testDescription: "no list yet", looks: [quiet], resumed: nil, now: 5050, isGiven: false),
    Case(
      testDescription: "a watch that opened half a second ago", looks: [quiet], resumed: 4500, now: 5050,
      isGiven: false),
    Case(
      testDescription: "a watch that opened a second before the last look", looks: [quiet], resumed: 4000,
      now: 5050, isGiven: true),
    Case(
      testDescription: "a short time without a watch",
      looks: [quiet, Looks(times: Looks.every50(5050...7000), isWatched: false)], now: 7050, isGiven: true),
    Case(
      testDescription: "the first look after a stop", looks: [quiet, Looks(times: [45_000])], now: 45_000,
      isGiven: false),
    Case(
      testDescription: "less than a second of looks after a stop",
      looks: [quiet, Looks(times: Looks.every50(45_000...45_950))], now: 45_990, isGiven: false),
    Case(
      testDescription: "a second of looks after a stop",
      looks: [quiet, Looks(times: Looks.every50(45_000...46_000))], now: 46_000, isGiven: true),
    Case(
      testDescription: "a stop after which the watch is found broken",
      looks: [quiet, Looks(times: Looks.every50(45_000...48_000), isWatched: false)], now: 48_050,
      isGiven: false),
    Case(
      testDescription: "a second after the watch is back",
      looks: [
        quiet, Looks(times: Looks.every50(45_000...48_000), isWatched: false),
        Looks(times: Looks.every50(48_050...49_000)),
      ], now: 49_000, isGiven: true),
    Case(
      testDescription: "one stop after the other",
      looks: [quiet, Looks(times: [45_000, 46_500, 48_000])], now: 48_000, isGiven: false),
  ])
  func `is given while looks confirm it, and what was missed has come`(_ test: Case) {
    var trust = PolicyTrust()
    func instant(_ milliseconds: Int) -> ContinuousClock.Instant { Self.start + .milliseconds(milliseconds) }
    for looks in test.looks {
      for time in looks.times {
        trust.looked(at: instant(time), hasNewest: looks.hasNewest, isWatched: looks.isWatched)
      }
    }
    #expect(trust.isGiven(resumed: test.resumed.map(instant), at: instant(test.now)) == test.isGiven)
  }

  @Test func `is not given before the first look, nor by the first`() {
    var trust = PolicyTrust()
    #expect(!trust.isGiven(resumed: Self.start - .seconds(60), at: Self.start))
    trust.looked(at: Self.start, hasNewest: true, isWatched: true)
    #expect(!trust.isGiven(resumed: Self.start - .seconds(60), at: Self.start))
  }
}
