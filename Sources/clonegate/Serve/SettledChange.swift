/// Decides when something that others write has changed and come to rest, so that half a file is not taken
/// for a whole one: the same new state must be seen twice in a row, and for some time.
struct SettledChange<State: Equatable> {
  /// Looks after which a state that never rests is taken as it is: without end, nothing would ever take
  /// effect.
  static var patience: Int { 40 }

  /// How long a state must have stayed as it is.
  let rest: Duration
  private var taken: State?
  private var seen: (state: State, since: ContinuousClock.Instant)?
  private var looks = 0

  init(rest: Duration = .zero) { self.rest = rest }

  /// True when the state should be read now. The first state of all is never waited for.
  mutating func look(_ state: State, at now: ContinuousClock.Instant = .now) -> Bool {
    if state == taken {
      (seen, looks) = (nil, 0)
      return false
    }
    looks += 1
    let hasRested = seen.map { $0.state == state && now - $0.since >= rest } ?? false
    guard taken == nil || hasRested || looks >= Self.patience else {
      if seen?.state != state { seen = (state, now) }
      return false
    }
    take(state)
    return true
  }

  /// The state was read, whoever asked for it.
  mutating func take(_ state: State) { (taken, seen, looks) = (state, nil, 0) }
}
