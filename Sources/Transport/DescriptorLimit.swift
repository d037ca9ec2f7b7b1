import Glibc

/// How many descriptors the process may have (RLIMIT_NOFILE).
enum DescriptorLimit {
  /// Left to everything that is not a connection: the journal, manifests, timers. Swift's own runtime traps
  /// when it cannot get a descriptor for a timer, so connections must never take the last one.
  static let reserve = 128

  /// Raises the soft limit, often 1024, to the hard one, as Go's runtime does.
  static func raise() {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }

  /// What is left for connections when so many, but no more than a quarter, are left to other listeners.
  static func forConnections(sparing spared: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return .max }
    let left = max(1, Int(clamping: limit.rlim_cur) - reserve)
    return left - min(spared, left / 4)
  }

  private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
