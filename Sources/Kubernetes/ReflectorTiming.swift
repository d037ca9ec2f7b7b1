/// How a reflector waits. Every number has its reason beside it.
package struct ReflectorTiming: Sendable {
  /// A connection without a byte for so long is given up and made anew, which shows that the server is there.
  /// An API server sends a bookmark a minute (k8s.io/apiserver, defaultBookmarkFrequency), so this is one and
  /// a half; seen on 1.36: it sends none for a type without an event since the server's start.
  package var silence = Duration.seconds(90)
  /// A watch is ended by the server after this, or up to twice this: client-go's numbers, so that watches do
  /// not all end together and move to other replicas of the API server with time.
  package var shortestWatch = Duration.seconds(300)
  /// For the head of a watch's answer: it comes at once, unless the server is overloaded.
  package var head = Duration.seconds(30)
  /// The pause after the first failure, doubled with each further one.
  package var firstPause = Duration.milliseconds(500)
  /// client-go's longest.
  package var longestPause = Duration.seconds(30)
  /// Failures in a row after which the version itself is doubted: after a restore of etcd it lies in the
  /// future, where a watch hears nothing.
  package var doubtAfter = 3
  /// The same for watches that were open and silent: a quarter of an hour, since a list may be large and a
  /// quiet type is the ordinary case.
  package var doubtAfterSilences = 10

  package init() {}

  /// - Parameters:
  ///   - failures: in a row; at least 1.
  ///   - random: from 0 up to 1. The pause lies between half and the whole, so that reflectors of many
  ///   clients
  ///     do not come back together.
  func pause(after failures: Int, random: Double) -> Duration {
    let doubled = firstPause * (1 << min(failures - 1, 16))
    return min(doubled, longestPause) * (0.5 + random / 2)
  }
}
