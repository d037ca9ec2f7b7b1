package import Logging

/// A swift-log handler that writes one event as one line.
///
/// Members: `time` (RFC 3339, UTC), `level`, `logger`, `message`, then the metadata by name. A member of the
/// metadata that has one of those names is written as `field.NAME`.
package struct LineLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  /// Events below it are not written.
  package var logLevel: Logger.Level

  private let label: String
  private let sink: LogSink

  package init(label: String, level: Logger.Level = .info, sink: LogSink) {
    self.label = label
    logLevel = level
    self.sink = sink
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// swift-log filters by level before it calls; a caller that does not is filtered here.
  package func log(event: LogEvent) {
    guard event.level >= logLevel else { return }
    sink.write(line(event, at: .now))
  }

  func line(_ event: LogEvent, at time: Timestamp) -> [UInt8] {
    var line = LogLine(sink.format)
    line.begin(time, event.level, label, event.message.description)
    let fields = fields(of: event)
    for key in fields.keys.sorted() { line.field(key, fields[key] ?? "") }
    if let error = event.error { line.field("error", .string(String(describing: error))) }
    line.end()
    return line.bytes
  }

  /// The nearest wins: the event's own, then the provider's, then the handler's.
  private func fields(of event: LogEvent) -> Logger.Metadata {
    var fields = metadata
    if let provided = metadataProvider?.get(), !provided.isEmpty { fields.merge(provided) { $1 } }
    if let own = event.metadata, !own.isEmpty { fields.merge(own) { $1 } }
    return fields
  }
}
