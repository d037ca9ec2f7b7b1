import ArgumentParser
import Jobs

/// How much is copied at once; kept in the journal, followed by a running worker within a second. What is not
/// given stays as it is.
struct LimitOptions: ParsableArguments {
  @Option(help: "Copies at the same time (default: what the journal keeps, else 2).")
  var parallel: Int?

  @Option(
    help: "Bandwidth of all copies together, such as 200MiB/s, or off; kept in the journal.",
    transform: ByteRate.reading)
  var limit: ByteRate?

  @Option(
    help: "Copies at the same time on each device that they read or write, or off; kept likewise.",
    transform: CopyCount.reading)
  var parallelPerDevice: CopyCount?

  @Option(
    help: "Bandwidth of all copies on each device, or off; kept likewise.", transform: ByteRate.reading)
  var limitPerDevice: ByteRate?

  func validate() throws {
    if let parallel, !(1...WorkerLimits.mostParallel).contains(parallel) {
      throw ValidationError("--parallel must be 1 to \(WorkerLimits.mostParallel)")
    }
  }

  var areGiven: Bool {
    parallel != nil || limit != nil || parallelPerDevice != nil || limitPerDevice != nil
  }

  func applied(to kept: WorkerLimits) -> WorkerLimits {
    var limits = kept
    if let parallel { limits.parallel = parallel }
    if let limit { limits.bytesPerSecond = limit.bytesPerSecond }
    if let parallelPerDevice { limits.parallelPerDevice = parallelPerDevice.most }
    if let limitPerDevice { limits.bytesPerSecondPerDevice = limitPerDevice.bytesPerSecond }
    return limits
  }
}
