internal import CLinux
import Glibc
import Synchronization

/// The thread of a loop as a serial executor: a queue of jobs and the descriptor that wakes the poller.
///
/// A job that arrives after the loop has stopped is run by a short-lived thread made for it, so that no
/// task that awaits the loop hangs. Never two threads at once: `Inbox.isRunning` is the baton.
final class LoopThread: SerialExecutor {
  private struct Inbox {
    var jobs: [UnownedJob] = []
    var isAwake = true
    var isRunning = false
    var isStopping = false
    var afterwards: [@Sendable () -> Void] = []
  }
  private let inbox = Mutex(Inbox())
  let wakeup: Int32

  init() throws(TransportError) {
    wakeup = clinux_wakeup_create()
    guard wakeup >= 0 else { throw .system("eventfd", errno, "cannot make an event loop") }
  }
  deinit { close(wakeup) }

  var isCurrent: Bool { clinux_on_loop(Unmanaged.passUnretained(self).toOpaque()) }
  func checkIsolated() { precondition(isCurrent, "this code must run on its event loop") }
  func isIsolatingCurrentContext() -> Bool? { isCurrent }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let (mustWake, mustRun) = inbox.withLock { inbox in
      inbox.jobs.append(job)
      let mustWake = inbox.isRunning && !inbox.isAwake
      inbox.isAwake = true
      let mustRun = inbox.isStopping && !inbox.isRunning
      if mustRun { inbox.isRunning = true }
      return (mustWake, mustRun)
    }
    if mustWake { eventfd_write(wakeup, 1) }
    if mustRun { SystemThread.detach { self.runJobs() } }
  }

  /// What arrives from now on need not write to `wakeup`: the loop will look before it waits again.
  func wakeUp() { inbox.withLock { $0.isAwake = true } }

  private func fallAsleepIfIdle() -> Bool {
    inbox.withLock { inbox in
      inbox.isAwake = !inbox.jobs.isEmpty
      return !inbox.isAwake
    }
  }

  /// Starts the thread; it calls `turn(mayWait)` after each batch of jobs until `stop`.
  func start(turn: @escaping @Sendable (_ mayWait: Bool) -> Void) {
    inbox.withLock { $0.isRunning = true }
    SystemThread.detach {
      clinux_name_thread("clonegate-loop")
      clinux_enter_loop(Unmanaged.passUnretained(self).toOpaque())
      var batch: [UnownedJob] = []
      while true {
        let isStopping = self.take(&batch)
        self.run(&batch)
        if isStopping { break }
        turn(self.fallAsleepIfIdle())
      }
      clinux_enter_loop(nil)
      self.runJobs()
    }
  }

  /// Ends the thread after the jobs it already has; `afterwards` is called as its last act.
  func stop(afterwards: @escaping @Sendable () -> Void) {
    let isOver = inbox.withLock { inbox in
      inbox.isStopping = true
      guard inbox.isRunning else { return true }
      inbox.afterwards.append(afterwards)
      return false
    }
    if isOver { afterwards() } else { eventfd_write(wakeup, 1) }
  }

  /// True when the loop is stopping.
  private func take(_ batch: inout [UnownedJob]) -> Bool {
    inbox.withLock { inbox in
      swap(&inbox.jobs, &batch)
      return inbox.isStopping
    }
  }

  private func run(_ batch: inout [UnownedJob]) {
    let executor = asUnownedSerialExecutor()
    for job in batch { job.runSynchronously(on: executor) }
    batch.removeAll(keepingCapacity: true)
  }

  /// Runs what is in the inbox and hands the baton back when it is empty.
  private func runJobs() {
    clinux_enter_loop(Unmanaged.passUnretained(self).toOpaque())
    defer { clinux_enter_loop(nil) }
    var batch: [UnownedJob] = []
    while true {
      let finished: [@Sendable () -> Void]? = inbox.withLock { inbox in
        swap(&inbox.jobs, &batch)
        guard batch.isEmpty else { return nil }
        inbox.isRunning = false
        defer { inbox.afterwards = [] }
        return inbox.afterwards
      }
      if let finished { return finished.forEach { $0() } }
      run(&batch)
    }
  }
}
