import Chance
import Testing

@testable import clonegate

/// Which key is worked on next, by a clock that only the test moves.
@Suite struct WorkQueueTests {
  private typealias Core = WorkQueueCore<String>
  private let start = ContinuousClock.now

  private func moment(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  /// The keys that are taken at a moment, until there is none.
  private func taken(_ core: inout Core, at seconds: Double) -> [String] {
    var keys: [String] = []
    while case .key(let key) = core.next(at: moment(seconds)) { keys.append(key) }
    return keys
  }

  @Test func `a key waits once, however often it is added`() {
    var core = Core(pace: RetryPace())
    for _ in 0..<5 { core.add("a", due: moment(0)) }
    #expect(core.waiting == 1)
    #expect(taken(&core, at: 0) == ["a"] && core.waiting == 0 && core.working == 1)
    core.finished("a", .done, at: moment(0), random: 0)
    #expect(taken(&core, at: 100).isEmpty && core.waiting == 0 && core.working == 0)
    #expect(core.next(at: moment(100)) == .nothing(until: nil))
  }

  @Test func `first added, first taken, and nobody before the time has come`() {
    var core = Core(pace: RetryPace())
    core.add("late", due: moment(9))
    for key in ["c", "a", "b"] { core.add(key, due: moment(1)) }
    #expect(core.next(at: moment(0)) == .nothing(until: moment(1)) && !core.hasDue(at: moment(0)))
    #expect(core.hasDue(at: moment(1)))
    #expect(taken(&core, at: 1) == ["c", "a", "b"])
    #expect(core.next(at: moment(1)) == .nothing(until: moment(9)))
    #expect(taken(&core, at: 9) == ["late"])
  }

  @Test func `what is to be done sooner stays so, and what becomes urgent is taken once`() {
    var core = Core(pace: RetryPace())
    core.add("a", due: moment(5))
    core.add("a", due: moment(8))
    #expect(core.next(at: moment(4)) == .nothing(until: moment(5)))
    core.add("a", due: moment(1))
    #expect(taken(&core, at: 1) == ["a"])
    core.finished("a", .done, at: moment(1), random: 0)
    #expect(taken(&core, at: 20).isEmpty, "the place it had before counts no more")
  }

  @Test func `one worker for each key, and what came meanwhile is looked at afterwards`() {
    var core = Core(pace: RetryPace())
    core.add("a", due: moment(0))
    #expect(taken(&core, at: 0) == ["a"])
    core.add("a", due: moment(0))
    core.add("b", due: moment(0))
    #expect(taken(&core, at: 1) == ["b"], "a is worked on")
    core.finished("a", .done, at: moment(1), random: 0)
    #expect(taken(&core, at: 1) == ["a"])
    core.finished("a", .done, at: moment(1), random: 0)
    #expect(taken(&core, at: 50).isEmpty)
  }

  @Test func `it comes again after its pause, or sooner when something changes`() {
    var core = Core(pace: RetryPace())
    core.add("a", due: moment(0))
    _ = taken(&core, at: 0)
    core.finished("a", .again(after: .seconds(30)), at: moment(2), random: 0)
    #expect(core.next(at: moment(31)) == .nothing(until: moment(32)))
    core.add("a", due: moment(31))
    #expect(taken(&core, at: 31) == ["a"])
    core.add("a", due: moment(31))
    core.finished("a", .again(after: .seconds(30)), at: moment(33), random: 0)
    #expect(taken(&core, at: 33) == ["a"], "the change that came meanwhile does not wait for the pause")
  }

  @Test func `failures in a row wait longer and longer, and one success is a new start`() {
    let pace = RetryPace(first: .seconds(1), longest: .seconds(8))
    var core = Core(pace: pace)
    core.add("a", due: moment(0))
    var (now, pauses) = (0.0, [Double]())
    for _ in 0..<6 {
      #expect(taken(&core, at: now) == ["a"])
      core.finished("a", .failed, at: moment(now), random: 0)
      guard case .nothing(let until?) = core.next(at: moment(now)) else {
        Issue.record("it is forgotten, or taken at once")
        return
      }
      pauses.append((until - moment(now)) / .seconds(1))
      now += pauses.last!
    }
    #expect(pauses == [0.5, 1, 2, 4, 4, 4])
    #expect(taken(&core, at: now) == ["a"])
    core.finished("a", .again(after: .seconds(1)), at: moment(now), random: 0)
    #expect(taken(&core, at: now + 1) == ["a"])
    core.finished("a", .failed, at: moment(now), random: 0)
    #expect(core.next(at: moment(now)) == .nothing(until: moment(now + 0.5)))
  }

  @Test func `a pause is from half to the whole of the doubled one, however many failures`() {
    let pace = RetryPace(first: .milliseconds(250), longest: .seconds(60))
    #expect(pace.pause(after: 1, random: 0) == .milliseconds(125))
    #expect(pace.pause(after: 1, random: 1) == .milliseconds(250))
    #expect(pace.pause(after: 3, random: 1) == .seconds(1))
    #expect(pace.pause(after: 1_000_000, random: 1) == .seconds(60))
    #expect(pace.pause(after: 1_000_000, random: 0) == .seconds(30))
  }

  @Test(arguments: 0..<5) func `the line gives the earliest, and of those the first`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var line = DueLine<Int>()
    var places: [(Int, Int)] = []
    for turn in 0..<300 {
      let second = Int.random(in: 0..<20, using: &dice)
      places.append((second, turn))
      line.add(DueLine.Place(due: moment(Double(second)), turn: turn, key: turn))
    }
    var keys: [Int] = []
    while let first = line.first {
      keys.append(first.key)
      line.removeFirst()
    }
    #expect(keys == places.sorted { $0 < $1 }.map(\.1), "\(places)")
  }

  /// Random work beside the simplest queue that could be right: who waits and since when.
  @Test(arguments: 0..<20) func `no key is lost, doubled or worked on twice at a time`(seed: UInt64) {
    var dice = Dice(seed: seed)
    var core = Core(pace: RetryPace(first: .seconds(1), longest: .seconds(1)))
    var (due, working) = ([String: Double](), Set<String>())
    var now = 0.0
    for _ in 0..<400 {
      let key = String(Int.random(in: 0..<6, using: &dice))
      switch Int.random(in: 0..<4, using: &dice) {
      case 0:
        let at = now + Double(Int.random(in: 0..<5, using: &dice))
        core.add(key, due: moment(at))
        due[key] = min(due[key] ?? at, at)
      case 1: now += 1
      case 2:
        guard working.remove(key) != nil else { continue }
        core.finished(key, .again(after: .seconds(3)), at: moment(now), random: 0)
        due[key] = min(due[key] ?? now + 3, now + 3)
      default:
        let ready = due.filter { $0.value <= now && !working.contains($0.key) }
        guard case .key(let next) = core.next(at: moment(now)) else {
          #expect(ready.isEmpty)
          continue
        }
        #expect(ready[next] == ready.values.min(), "the earliest first")
        due[next] = nil
        working.insert(next)
      }
      #expect(core.waiting == due.count && core.working == working.count)
    }
  }

  @Test func `several workers do everything once, and end when the queue is closed`() async {
    let queue = WorkQueue<Int>()
    let seen = Tally()
    queue.add(0..<200)
    await queue.run(workers: 4) { key in
      let (isAlone, count) = await seen.enter(key)
      #expect(isAlone)
      await Task.yield()
      await seen.leave(key)
      if count == 200 { queue.close() }
      return .done
    }
    #expect(await seen.counts == Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, 1) }))
  }

  @Test func `workers that only wait for a time that is far do not look again and again`() async throws {
    let queue = WorkQueue<Int>()
    let running = Task { await queue.run(workers: 8) { _ in .again(after: .seconds(3600)) } }
    for key in 0..<20 {
      queue.add([key])
      await Task.yield()
    }
    while queue.depth != (waiting: 20, working: 0) { await Task.yield() }
    // Until whatever alarms were called off have been heard: workers that go on looking never rest so long.
    var looks = -1
    for _ in 0..<100 where queue.looks != looks {
      looks = queue.looks
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect(queue.looks == looks)
    queue.close()
    await running.value
  }
}

/// Who is worked on, and how often each was.
private actor Tally {
  private(set) var counts: [Int: Int] = [:]
  private var inside: Set<Int> = []

  func enter(_ key: Int) -> (isAlone: Bool, count: Int) {
    counts[key, default: 0] += 1
    return (inside.insert(key).inserted, counts.values.reduce(0, +))
  }

  func leave(_ key: Int) { inside.remove(key) }
}
