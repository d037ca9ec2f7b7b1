internal import CLinux
private import Glibc
private import Synchronization

/// Threads of our own that run one body until it returns, while the caller's thread looks around. The first
/// failure, on whichever side, stops all.
final class Crew: Sendable {
  /// The caller looks around this often, milliseconds: how fast a cancellation is noticed.
  private static let tickMilliseconds: Int32 = 20
  /// Deep recursion does not exist here; the default of 8 MiB would count as memory of the process's limit.
  private static let stackBytes = 256 << 10

  private let failure = Mutex<CopyError?>(nil)
  private let stopped = Atomic(false)
  private let running = Atomic(0)
  /// Wakes the caller when a thread ends.
  private let bell = Descriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))

  /// True once the work should end: asked by the threads before every request.
  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Ends the calling thread's work once anyone failed. The error thrown here is never the one that is
  /// reported.
  func checkRunning() throws(CopyError) {
    if isStopped { throw .cancelled }
  }

  /// Keeps the first reason and lets every thread end after its current request.
  func stop(_ error: CopyError) {
    failure.withLock { $0 = $0 ?? error }
    stopped.store(true, ordering: .relaxed)
  }

  /// Returns when all threads have returned; throws the first failure.
  func run(
    _ count: Int, _ body: @escaping @Sendable () throws(CopyError) -> Void, tick: () throws(CopyError) -> Void
  ) throws(CopyError) {
    var threads: [pthread_t] = []
    for _ in 0..<count {
      running.add(1, ordering: .relaxed)
      if let thread = start(body) { threads.append(thread) } else { break }
    }
    while running.load(ordering: .acquiring) > 0 {
      do { try tick() } catch { stop(error) }
      waitForBell()
    }
    for thread in threads { pthread_join(thread, nil) }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private func start(_ body: @escaping @Sendable () throws(CopyError) -> Void) -> pthread_t? {
    let work = Work { [self] in
      do throws(CopyError) { try body() } catch { stop(error) }
      running.subtract(1, ordering: .releasing)
      eventfd_write(bell.number, 1)
    }
    let pointer = Unmanaged.passRetained(work)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)
    var thread = pthread_t()
    let result = pthread_create(&thread, &attributes, { Crew.enter($0!) }, pointer.toOpaque())
    guard result == 0 else {
      pointer.release()
      running.subtract(1, ordering: .releasing)
      stop(
        SystemFault.error(
          "start a thread for", .both, "the copy", call: "pthread_create", result: -Int64(result)))
      return nil
    }
    return thread
  }

  private static func enter(_ raw: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().run()
    return nil
  }

  private func waitForBell() {
    var watch = pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)
    if poll(&watch, 1, Self.tickMilliseconds) > 0 {
      var count: eventfd_t = 0
      eventfd_read(bell.number, &count)
    }
  }
}
