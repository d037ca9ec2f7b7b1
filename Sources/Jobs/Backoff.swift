/// How long a failed job rests before the next try.
enum Backoff {
  /// After these the trouble will not go away by itself: about ten minutes have passed.
  static let mostTries = 10
  static let first: Int64 = 1_000
  static let longest: Int64 = 120_000

  /// Milliseconds; doubled each time, a fifth more or less so that jobs that failed together do not return
  /// together; nil when there have been enough.
  static func pause(
    after tries: Int, jitter: Double = .random(in: 0.8...1.2)
  ) -> Int64? {
    guard tries < mostTries else { return nil }
    return Int64(Double(min(first << Int64(min(tries - 1, 20)), longest)) * jitter)
  }
}
