import CLinux
import Glibc

/// Wakes one thread that waits, for a bounded time on a clock that no one can set. (A condition waits on the
/// wall clock: set back by an hour, it would sleep for one.)
final class Bell: Sendable {
  private let descriptor = clinux_wakeup_create()

  deinit { close(descriptor) }

  func ring() { eventfd_write(descriptor, 1) }

  /// Returns at once if it rang since the last time.
  func wait(milliseconds: Int32) {
    var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&watch, 1, milliseconds) > 0 else { return }
    var count: eventfd_t = 0
    eventfd_read(descriptor, &count)
  }
}
