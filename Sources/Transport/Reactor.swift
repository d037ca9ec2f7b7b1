internal import CLinux
import Glibc

/// What a reactor can call: a connection or a listener.
protocol Watched: AnyObject {
  /// The descriptor became ready; the bits are those of CLinux.
  func ready(_ events: UInt32)
  /// Once before the loop waits, if `Reactor.touch` was called.
  func settle()
  /// A deadline of the given kind has passed.
  func due(_ kind: DeadlineKind)
  /// The loop is stopping: let go of everything now.
  func stopped()
}

/// Which of a watched object's deadlines.
enum DeadlineKind: Int {
  /// Set by Transport itself: handshake, stalled output, lingering close, paused listener.
  case transport
  /// Set by the room above.
  case handler
}

/// The inside of a loop: descriptors, deadlines and who has something to flush. Plain and single-threaded;
/// the actor `Loop` owns it.
///
/// A token is a slot number with the slot's generation above it. A late event, deadline or handle whose
/// generation is not the slot's any more reaches nobody, even when the descriptor or the slot has been used
/// again.
final class Reactor {
  private struct Slot {
    var generation: UInt32 = 0
    var watched: (any Watched)?
  }
  private let epoll: Int32
  private let thread: LoopThread
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var deadlines = DeadlineTable()
  private var touched: [any Watched] = []
  private var settling: [any Watched] = []
  private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
  private static let wakeupToken = UInt64.max
  /// Lent to one read at a time; a TLS record is at most 16 KiB, a plain read takes more at once.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
  /// Nanoseconds of the monotonic clock, read once a turn.
  private(set) var now = Reactor.clock()

  init(_ thread: LoopThread) throws(TransportError) {
    epoll = clinux_epoll_create()
    self.thread = thread
    events.initialize(repeating: epoll_event())
    guard epoll >= 0 else { throw .system("epoll_create1", errno, "cannot make an event loop") }
    clinux_epoll_add(epoll, thread.wakeup, clinux_readable, Self.wakeupToken)
  }
  deinit {
    close(epoll)
    events.deallocate()
    scratch.deallocate()
  }

  // -- who is here

  /// Gives a newcomer its token; `watch` then connects the descriptor to it.
  func adopt(_ watched: any Watched) -> UInt64 {
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    slots[index].watched = watched
    return UInt64(slots[index].generation) << 32 | UInt64(index)
  }

  /// False when the system refuses; errno says why.
  func watch(_ descriptor: Int32, events: UInt32, token: UInt64) -> Bool {
    clinux_epoll_add(epoll, descriptor, events, token) == 0
  }

  func unwatch(_ descriptor: Int32) { clinux_epoll_remove(epoll, descriptor) }

  /// The slot is free for the next one and the token is dead.
  func release(_ token: UInt64) {
    guard self[token] != nil else { return }
    let index = Int(UInt32(truncatingIfNeeded: token))
    slots[index].watched = nil
    slots[index].generation &+= 1
    free.append(index)
    deadlines.remove(index * 2)
    deadlines.remove(index * 2 + 1)
  }

  subscript(token: UInt64) -> (any Watched)? {
    let index = Int(UInt32(truncatingIfNeeded: token))
    guard index < slots.count, slots[index].generation == UInt32(token >> 32) else { return nil }
    return slots[index].watched
  }

  /// Everyone present; safe to iterate while they leave.
  var everyone: [any Watched] { slots.compactMap(\.watched) }

  // -- time

  /// Sets, moves or (with nil) removes a deadline, `nanoseconds` from now; never in this very turn, so that
  /// a handler that sets a deadline whenever one fires cannot keep the loop.
  func setDeadline(_ token: UInt64, _ kind: DeadlineKind, in nanoseconds: Int64?) {
    guard self[token] != nil else { return }
    let key = Int(UInt32(truncatingIfNeeded: token)) * 2 + kind.rawValue
    if let nanoseconds {
      deadlines.set(key, due: now &+ max(1, nanoseconds))
    } else {
      deadlines.remove(key)
    }
  }

  static func clock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  // -- one turn

  /// `watched.settle()` will be called once before the loop waits.
  func touch(_ watched: any Watched) { touched.append(watched) }

  /// Flush, fire deadlines, wait if allowed, hand out events.
  func turn(mayWait: Bool) {
    settle()
    fireDeadlines()
    settle()
    let count = clinux_epoll_wait(epoll, events.baseAddress, Int32(events.count), mayWait ? patience : 0)
    thread.wakeUp()
    now = Self.clock()
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let token = events[index].data.u64, bits = events[index].events
      if token == Self.wakeupToken { drainWakeup() } else { self[token]?.ready(bits) }
    }
  }

  func stopAll() { for watched in everyone { watched.stopped() } }

  /// Those touched while settling come next turn, so that one busy peer cannot keep the loop here.
  private func settle() {
    guard !touched.isEmpty else { return }
    swap(&touched, &settling)
    for watched in settling { watched.settle() }
    settling.removeAll(keepingCapacity: true)
  }

  private func fireDeadlines() {
    while let key = deadlines.popDue(at: now) {
      slots[key / 2].watched?.due(DeadlineKind(rawValue: key % 2)!)
    }
  }

  /// Milliseconds that epoll may wait, rounded up so that it never returns just before a deadline.
  private var patience: Int32 {
    guard touched.isEmpty else { return 0 }
    guard let earliest = deadlines.earliest else { return -1 }
    let wait = (earliest - Self.clock() + 999_999) / 1_000_000
    return Int32(clamping: max(0, wait))
  }

  private func drainWakeup() {
    var value: eventfd_t = 0
    eventfd_read(thread.wakeup, &value)
  }
}
