import ArgumentParser
import Jobs

/// So many copies at once, on the command line: `1` to `64`, or `off` for no limit.
struct CopyCount: ExpressibleByArgument, Sendable, Hashable {
  /// nil for no limit.
  let most: Int?

  init?(argument: String) {
    most = argument == "off" ? nil : Int(argument)
    guard most.map({ (1...WorkerLimits.mostParallel).contains($0) }) ?? (argument == "off") else {
      return nil
    }
  }
}
