import Jobs

/// So many copies at once, on the command line: `1` to `64`, or `off` for no limit.
struct CopyCount: ExplainedArgument, Sendable, Hashable {
  /// nil for no limit.
  let most: Int?

  static let expected = "1 to \(WorkerLimits.mostParallel), or off"

  init?(argument: String) {
    most = argument == "off" ? nil : Int(argument)
    guard most.map({ (1...WorkerLimits.mostParallel).contains($0) }) ?? (argument == "off") else {
      return nil
    }
  }
}
