import JSON
import VolumeCopy

extension CopyError {
  /// For programs: the last line of a copy or comparison that failed, as `done` is of one that did not.
  var json: String {
    let value: JSONValue = [
      "event": "failed", "code": .string(code.rawValue), "side": .string(side.rawValue),
      "call": call.map { .string($0) } ?? .null,
      "errno": errnoName.map { ["number": .number("\(errno)"), "name": .string($0)] } ?? .null,
      "offset": offset.map { .number("\($0)") } ?? .null, "retryable": .bool(retryable),
      "message": .string(message), "remedy": .string(remedy),
    ]
    return String(decoding: value.bytes, as: UTF8.self)
  }
}
