/// How long to wait after a failure.
struct RetryPace: Sendable {
  /// After the first failure, doubled with each further one in a row: controller-runtime starts at 5 ms,
  /// which only makes a struggling API server's day worse.
  var first = Duration.milliseconds(250)
  /// An administrator who has put something right should not have to wait for minutes.
  var longest = Duration.seconds(60)

  /// Between half and the whole of it, so that many keys do not come back together.
  /// - Parameters:
  ///   - failures: in a row; at least 1.
  ///   - random: from 0 up to 1.
  func pause(after failures: Int, random: Double) -> Duration {
    let doubled = first * (1 << min(failures - 1, 20))
    return min(doubled, longest) * (0.5 + random / 2)
  }
}
