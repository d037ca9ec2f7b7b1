import ArgumentParser
import Logging
import Telemetry

/// How a command that runs for long writes its log.
struct LogOptions: ParsableArguments {
  @Option(help: "Form of the log: json or text.")
  var logFormat = LogFormat.json

  @Option(
    help: "Least level that is logged: trace, debug, info, notice, warning, error, critical.",
    transform: level)
  var logLevel = Logger.Level.info

  /// - Parameter label: who speaks: `clonegate.serve`.
  func logger(_ label: String) -> Logger {
    let sink = LogSink(format: logFormat)
    return Logger(label: label) { LineLogHandler(label: $0, level: logLevel, sink: sink) }
  }

  private static func level(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else { throw ValidationError("no such level") }
    return level
  }
}

extension LogFormat: ExpressibleByArgument {}
