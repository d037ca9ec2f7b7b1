import Glibc
import Synchronization

/// Ctrl-C, a polite kill and a reader of the progress that has left become a question that a running copy
/// asks: a copy that is cut off tidies up first. The second Ctrl-C or kill ends the process at once.
enum Interrupt {
  private static let count = Atomic(0)

  static var wasAsked: Bool { count.load(ordering: .relaxed) > 0 }

  static func watch() {
    // Made before a signal can arrive: a handler must not be the first to touch it.
    _ = wasAsked
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in
        if Interrupt.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
      }
    }
    // Comes with every line that nobody reads.
    signal(SIGPIPE) { _ in
      _ = Interrupt.count.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    }
  }
}
