/// Which key is worked on next: a pure value, told what happened and what time it is (client-go, workqueue).
///
/// A key waits at most once, however often it is added, and is never worked on twice at a time: one that is
/// added meanwhile waits until its worker is done. So what is held is bounded by the number of keys.
struct WorkQueueCore<Key: Hashable & Sendable>: Sendable {
  private struct Entry {
    /// Nobody takes the key before; nil when it does not wait.
    var due: ContinuousClock.Instant?
    /// Of those that are due together the first added is the first taken.
    var turn = 0
    var isWorkedOn = false
    var failures = 0

    var isNeeded: Bool { due != nil || isWorkedOn || failures > 0 }
  }

  private let pace: RetryPace
  private var entries: [Key: Entry] = [:]
  private var turns = 0
  /// Every key that waits, and places of keys that were moved to another since: those are skipped.
  private var line = DueLine<Key>()

  init(pace: RetryPace) { self.pace = pace }

  /// Keys that wait, those with a pause included.
  var waiting: Int { entries.values.count { $0.due != nil } }
  /// Keys that are worked on now.
  var working: Int { entries.values.count { $0.isWorkedOn } }

  /// Something may be to be done about `key`, at `due` at the latest. What is to be done sooner stays so.
  mutating func add(_ key: Key, due: ContinuousClock.Instant) {
    var entry = entries[key] ?? Entry()
    if entry.due.map({ due < $0 }) ?? true {
      turns += 1
      (entry.due, entry.turn) = (due, turns)
      // A key that is worked on gets its place in the line when its worker is done.
      if !entry.isWorkedOn { line.add(DueLine.Place(due: due, turn: turns, key: key)) }
    }
    entries[key] = entry
  }

  enum Next: Sendable, Hashable {
    case key(Key)
    /// Nothing before this moment, unless something is added.
    case nothing(until: ContinuousClock.Instant?)
  }

  /// The key whose turn it is; it is worked on until `finished`.
  mutating func next(at now: ContinuousClock.Instant) -> Next {
    while let place = line.first {
      let isMoved = entries[place.key].map { $0.isWorkedOn || $0.turn != place.turn } ?? true
      guard isMoved || place.due <= now else { return .nothing(until: place.due) }
      line.removeFirst()
      if isMoved { continue }
      entries[place.key]?.due = nil
      entries[place.key]?.isWorkedOn = true
      return .key(place.key)
    }
    return .nothing(until: nil)
  }

  /// Whether a key waits whose time has come.
  func hasDue(at now: ContinuousClock.Instant) -> Bool { line.first.map { $0.due <= now } ?? false }

  /// What came of one round of work on a key.
  enum Outcome: Sendable, Hashable {
    case done
    /// It goes on by itself after a while.
    case again(after: Duration)
    /// It did not work: later, and each time later than before.
    case failed
  }

  /// - Parameter random: from 0 up to 1.
  mutating func finished(
    _ key: Key, _ outcome: Outcome, at now: ContinuousClock.Instant, random: Double
  ) {
    guard var entry = entries[key], entry.isWorkedOn else { return }
    entry.isWorkedOn = false
    if outcome == .failed { entry.failures += 1 } else { entry.failures = 0 }
    entries[key] = entry
    if let due = entry.due { line.add(DueLine.Place(due: due, turn: entry.turn, key: key)) }
    switch outcome {
    case .done: break
    case .again(let pause): add(key, due: now + pause)
    case .failed: add(key, due: now + pace.pause(after: entry.failures, random: random))
    }
    if entries[key]?.isNeeded == false { entries[key] = nil }
  }
}
