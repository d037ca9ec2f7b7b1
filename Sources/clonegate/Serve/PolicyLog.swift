import Logging

/// Tells the log how a reading of the directory went: once for each reading.
struct PolicyLog: Sendable {
  private let logger: Logger

  init(_ logger: Logger) { self.logger = logger }

  func write(_ report: PolicyReport, _ snapshot: Snapshot?) {
    for problem in report.problems {
      logger.error("the policy cannot be used", metadata: ["problem": "\(problem)"])
    }
    guard report.problems.isEmpty, let snapshot else {
      let state = snapshot == nil ? "nothing is judged until it is" : "the last good policy stays in force"
      return logger.error("the directory must be put right", metadata: ["meanwhile": "\(state)"])
    }
    for note in report.notes { logger.warning("policy", metadata: ["note": "\(note)"]) }
    logger.notice(
      "a policy is in force",
      metadata: [
        "objects": .stringConvertible(snapshot.objects), "roles": .stringConvertible(snapshot.roles),
        "bindings": .stringConvertible(snapshot.bindings),
      ])
  }
}
