/// How a reflector stands.
package struct ReflectorStanding: Sendable {
  /// Watches that follow one another leave no longer gaps: what happens meanwhile is told with the next.
  package static let longestPause = Duration.seconds(5)

  /// Since when nothing has been heard; nil before the first list.
  package private(set) var lastHeard: ContinuousClock.Instant?
  /// What it was before the present watch was opened; nil once that has brought something.
  private var heardBefore: ContinuousClock.Instant?
  /// Whether the server has a watch of ours open, as far as can be told from here: what happens is told.
  package private(set) var isWatching = false
  /// When the last watch ended, or the list that none has followed yet was asked for: what happened after it
  /// may be unknown. nil while a watch is open and before the first list.
  package private(set) var unwatchedSince: ContinuousClock.Instant?
  /// When what happens was told again after the last gap: a list, or a watch that was away for longer than
  /// `longestPause`. What a watch has to make up for may come after it. nil before the first list.
  package private(set) var resumed: ContinuousClock.Instant?
  /// Whole lists since the start: more than one means that a watch's version had expired.
  package private(set) var lists = 0
  package private(set) var watches = 0
  package private(set) var failures = 0
  package private(set) var lastFailure: KubernetesError?
  /// The server's last word is that it does not know the type: its CRD is not installed. A server that cannot
  /// be reached says nothing, and one that is starting or overloaded nothing of the type.
  package private(set) var isMissing = false

  /// The first list is complete.
  package var isSynchronized: Bool { lists > 0 }

  /// How long ago the server was last heard: what was delivered is at most so old. A healthy watch hears
  /// something, or is made anew, within `ReflectorTiming.silence` and a pause: call it stale well above that,
  /// at 120 s. nil before the first list.
  package func age(at now: ContinuousClock.Instant = .now) -> Duration? { lastHeard.map { now - $0 } }

  /// For how long what happens has not been told; nil while a watch is open and before the first list.
  /// Between two watches that is the ordinary course, and well under a second.
  package func unwatched(at now: ContinuousClock.Instant = .now) -> Duration? {
    unwatchedSince.map { now - $0 }
  }

  /// - Parameters:
  ///   - instant: when the list was asked for.
  ///   - end: when all of it was handed on.
  mutating func listed(at instant: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
    lists += 1
    resumed = end
    lastHeard = instant
    heardBefore = nil
    unwatchedSince = instant
    isMissing = false
  }
  /// What happened before would be told at once.
  mutating func watching(at instant: ContinuousClock.Instant) {
    watches += 1
    if let unwatched = unwatched(at: instant), unwatched > Self.longestPause { resumed = instant }
    heardBefore = lastHeard
    lastHeard = instant
    isWatching = true
    unwatchedSince = nil
  }
  /// The watch is over, if there was one.
  mutating func unwatched(since instant: ContinuousClock.Instant) {
    guard isWatching else { return }
    isWatching = false
    unwatchedSince = instant
  }
  mutating func heard(at instant: ContinuousClock.Instant) {
    lastHeard = instant
    heardBefore = nil
  }
  mutating func failed(_ error: KubernetesError) {
    failures += 1
    lastFailure = error
    // Something has happened and could not be read: that the watch was open proves nothing. One that is cut
    // has told all there was.
    if error.reason == .malformed, let heardBefore { lastHeard = heardBefore }
    heardBefore = nil
    if error.code != nil, !error.isTransient { isMissing = error.isNotFound }
  }
}

/// Chance and time for a reflector, so that tests decide about both.
package struct ReflectorChance: Sendable {
  /// From 0 up to 1.
  package var random: @Sendable () -> Double
  package var pause: @Sendable (Duration) async throws -> Void

  package init(
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.random = random
    self.pause = pause
  }
}
