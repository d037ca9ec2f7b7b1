import Synchronization
import VolumeCopy

/// Who may copy on which device: so many at a time on each, the oldest job first. A job that waits keeps its
/// place on all its devices, so nobody behind it overtakes it there and its turn is sure to come; jobs on
/// other devices pass. Each device has a bandwidth of its own besides the worker's.
final class DeviceLine: Sendable {
  /// What the record of a job that waits here says.
  static let reason = "DeviceBusy"

  fileprivate struct State {
    var limits = WorkerLimits()
    var copying: [Int64: Set<Device>] = [:]
    var waiting: [Int64: Set<Device>] = [:]
    /// Of the devices that are in use.
    var limiters: [Device: RateLimiter] = [:]
  }
  private let state = Mutex(State())

  /// Copies that run go on, however few are allowed now.
  func follow(_ limits: WorkerLimits) {
    state.withLock { state in
      state.limits = limits
      for limiter in state.limiters.values { limiter.follow(limits.bytesPerSecondPerDevice ?? 0) }
    }
  }

  /// Asks for a turn. nil: the job has it, until it leaves; else a device whose turns are all taken, and the
  /// job waits in line.
  func enter(_ job: Int64, _ devices: Set<Device>) -> Device? {
    state.withLock { state in
      state.waiting[job] = devices
      if let full = state.obstacles()[job] { return full }
      state.waiting[job] = nil
      state.copying[job] = devices
      return nil
    }
  }

  /// The job's copy ended. A job that waits stays in line.
  func leave(_ job: Int64) {
    state.withLock { state in
      state.copying[job] = nil
      let used = Set(state.copying.values.joined())
      state.limiters = state.limiters.filter { used.contains($0.key) }
    }
  }

  /// Jobs that are not in line any more, because someone cancelled or deleted them, lose their place.
  func keep(only jobs: Set<Int64>) {
    state.withLock { state in state.waiting = state.waiting.filter { jobs.contains($0.key) } }
  }

  /// The jobs in line: those whose turn it is, and the others.
  var order: (next: [Int64], later: [Int64]) {
    state.withLock { state in
      let obstacles = state.obstacles()
      let line = state.waiting.keys.sorted()
      return (line.filter { obstacles[$0] == nil }, line.filter { obstacles[$0] != nil })
    }
  }

  /// One for all copies that use the device now.
  func limiters(_ devices: Set<Device>) -> [RateLimiter] {
    state.withLock { state in
      devices.map { device in
        if let limiter = state.limiters[device] { return limiter }
        let limiter = RateLimiter(bytesPerSecond: state.limits.bytesPerSecondPerDevice ?? 0)
        state.limiters[device] = limiter
        return limiter
      }
    }
  }
}

extension DeviceLine.State {
  /// For each job in line whose turn has not come, a device that is full before it.
  fileprivate func obstacles() -> [Int64: Device] {
    guard let most = limits.parallelPerDevice else { return [:] }
    var taken: [Device: Int] = [:]
    for device in copying.values.joined() { taken[device, default: 0] += 1 }
    var obstacles: [Int64: Device] = [:]
    for (job, devices) in waiting.sorted(by: { $0.key < $1.key }) {
      obstacles[job] = devices.first { taken[$0, default: 0] >= most }
      for device in devices { taken[device, default: 0] += 1 }
    }
    return obstacles
  }
}
