import Jobs
import Logging
import Telemetry

/// The worker's events as log lines.
struct WorkerLog: Sendable {
  private let logger: Logger

  init(format: LogFormat) {
    let sink = LogSink(format: format == .json ? .json : .text)
    logger = Logger(label: "clonegate.work") { LineLogHandler(label: $0, sink: sink) }
  }

  /// Who works in the wrong directory sees it here.
  func starts(in directory: String) { logger.notice("working", metadata: ["data": "\(directory)"]) }

  func write(_ event: WorkerEvent) {
    var facts: Logger.Metadata = [:]
    if let job = event.job {
      facts["job"] = "\(job.key)"
      facts["namespace"] = "\(job.terms.namespace)"
      facts["name"] = "\(job.terms.name)"
      facts["source"] = "\(job.terms.sourceNamespace)/\(job.terms.sourceName)"
    }
    logger.log(level: event.level.logLevel, "\(event.message)", metadata: facts)
  }
}

extension WorkerEvent.Level {
  fileprivate var logLevel: Logger.Level {
    switch self {
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
