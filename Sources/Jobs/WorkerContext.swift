import VolumeCopy

/// What the jobs of one worker share.
struct WorkerContext: Sendable {
  let queue: JobQueue
  let volumes: VolumeStore
  let resolver: VolumeResolver
  let engine: CopyEngine
  let options: WorkerOptions
  /// One for all: each copy gets its part of it (`RateLimiter.Share`).
  let limiter: RateLimiter
  let devices = DeviceLine()
  let report: @Sendable (WorkerEvent) -> Void

  func log(_ level: WorkerEvent.Level, _ message: String, _ job: Job?) {
    report(WorkerEvent(level: level, message: message, job: job))
  }
}

extension RateLimiter {
  /// Setting a rate forgets the debt of requests that were let through: only a new rate is set.
  func follow(_ rate: Int64) {
    if bytesPerSecond != rate { bytesPerSecond = rate }
  }
}
