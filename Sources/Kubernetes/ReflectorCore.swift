/// What a reflector does next: a pure value, told what happened.
struct ReflectorCore: Sendable {
  enum Step: Sendable, Hashable {
    case list
    case watch(from: String)
  }

  private(set) var next = Step.list
  private let timing: ReflectorTiming
  private var failures = 0
  /// Expirations since the last thing that was heard of a watch.
  private var expirations = 0
  private var hasHeard = false
  private var isOpen = false
  /// Watches in a row that were open and heard nothing.
  private var silences = 0

  init(timing: ReflectorTiming) { self.timing = timing }

  mutating func listed(_ resourceVersion: String) {
    next = .watch(from: resourceVersion)
    failures = 0
    silences = 0
    hasHeard = false
  }

  /// The server took a watch on.
  mutating func opened() { isOpen = true }

  /// Whether this end is only that of a quiet watch. An API server whose cache of a type has seen no event
  /// since it started sends no bookmarks either, so that silence alone is no failure.
  func isQuiet(_ error: KubernetesError?) -> Bool { isOpen && error?.reason == .deadlineExceeded }

  /// An event arrived. The change to hand on, if it is one.
  /// - Throws: what the server said; the watch is over, tell `ended`.
  mutating func heard(_ event: WatchEvent) throws(KubernetesError) {
    switch event {
    case .change(_, _, let version), .bookmark(let version):
      next = .watch(from: version)
      hasHeard = true
      silences = 0
      failures = 0
      expirations = 0
    case .failure(let error): throw error
    }
  }

  /// A list or a watch is over; nil when the server ended a watch as agreed.
  /// - Parameter random: from 0 up to 1.
  /// - Returns: how long to wait before what is next.
  mutating func ended(_ error: KubernetesError?, random: Double) -> Duration {
    defer {
      hasHeard = false
      isOpen = false
    }
    if isQuiet(error) {
      silences += 1
      failures = 0
      if silences >= timing.doubtAfterSilences { next = .list }
      return timing.pause(after: 1, random: random)
    }
    if let error, error.isExpired || error.isVersionTooLarge {
      next = .list
      expirations += 1
      return expirations == 1 ? .zero : timing.pause(after: expirations - 1, random: random)
    }
    // A watch that brought something and ended is the ordinary course.
    if error == nil, hasHeard { return .zero }
    failures += 1
    // The type is gone. When it is there again, nothing of what was known of it is.
    if failures >= timing.doubtAfter || error?.isNotFound == true { next = .list }
    let pause = timing.pause(after: failures, random: random)
    return max(pause, error?.retryAfter ?? .zero)
  }
}

extension KubernetesError {
  /// The version asked for lies in the server's future (recorded in list-rv-too-large.json).
  var isVersionTooLarge: Bool { causes.contains { $0.reason == "ResourceVersionTooLarge" } }
}
