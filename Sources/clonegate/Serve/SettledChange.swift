/// Decides when something that others write has changed and come to rest, so that half a file is not taken
/// for a whole one: the same new state must be seen twice in a row.
struct SettledChange<State: Equatable> {
  /// Looks after which a state that never rests is taken as it is: without end, nothing would ever take
  /// effect.
  static var patience: Int { 40 }

  private var taken: State?
  private var seen: State?
  private var looks = 0

  /// True when the state should be read now. The first state of all is never waited for.
  mutating func look(_ state: State) -> Bool {
    if state == taken {
      (seen, looks) = (nil, 0)
      return false
    }
    looks += 1
    guard taken == nil || state == seen || looks >= Self.patience else {
      seen = state
      return false
    }
    take(state)
    return true
  }

  /// The state was read, whoever asked for it.
  mutating func take(_ state: State) { (taken, seen, looks) = (state, nil, 0) }
}
