/// When to look again and when to give up. Seconds.
package enum ControlTiming {
  /// After the first failed attempt of a copy; doubled after each further one.
  package static let firstPause: Int64 = 10
  /// Whoever has put something right waits five minutes at most.
  package static let longestPause: Int64 = 300
  /// Attempts in all: about half an hour of trouble. What does not pass by then needs somebody.
  package static let mostAttempts = 10
  /// A copier reports at least every few seconds while it copies; after this silence people are told.
  package static let silence: Int64 = 60
  /// Waits whose end nobody announces (keys, a StorageClass that is to appear).
  package static let poll: Int64 = 30

  /// The pause after a failed attempt (from 1), a fifth more or less, so that copies which failed together do
  /// not come back together. The same for the same DataVolume, whoever asks: no memory is needed.
  static func pause(after attempt: Int, uid: String) -> Int64 {
    let doubled = min(firstPause << Int64(min(max(attempt, 1) - 1, 20)), longestPause)
    let spread = max(doubled / 5, 1)
    return doubled - spread + Int64(VolumeCopy.hash(uid) % UInt64(2 * spread + 1))
  }
}
