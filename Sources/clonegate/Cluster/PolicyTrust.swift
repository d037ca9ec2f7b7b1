/// Whether reviews may be judged by the policy in force without asking the API server: a pure value, told of
/// each look at the tables. Watches that are open say that the tables are current, not that the snapshot in
/// force was made of them: making one takes time, and so does reading what a watch brings.
struct PolicyTrust: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// For so long after a look the policy is believed. Looks are 50 ms apart, so that what takes longer is a
  /// snapshot that is being made, or a process that was stopped.
  static let freshness = Duration.seconds(1)
  /// For what happened while nobody read: the head of a watch comes before it, and nothing marks its end.
  static let backlog = Duration.seconds(1)

  /// When the snapshot in force had everything that the tables had.
  private var asOf: Instant?
  private var lastLook: Instant?
  /// Looks before this show tables that lack the backlog; nil when there is none.
  private var settles: Instant?

  /// - Parameters:
  ///   - start: taken before the tables were read.
  ///   - hasNewest: the snapshot in force is made of the tables' policy as it was then.
  ///   - isWatched: all that policy is made of has its watch open.
  mutating func looked(at start: Instant, hasNewest: Bool, isWatched: Bool) {
    // A process that was stopped was told nothing, and cannot say when a watch that is broken now ended.
    if lastLook.map({ start - $0 > Self.freshness }) ?? true { settles = start + Self.backlog }
    lastLook = start
    if let instant = settles {
      if !isWatched { settles = start + Self.backlog }
      guard isWatched, start >= instant else { return }
      settles = nil
    }
    if hasNewest { asOf = start }
  }

  /// - Parameter resumed: when what happens to the policy was told again after the last gap; nil before the
  ///   first list.
  func isGiven(resumed: Instant?, at now: Instant) -> Bool {
    guard let asOf, let resumed else { return false }
    return now - asOf <= Self.freshness && asOf >= resumed + Self.backlog
  }
}
