import Foundation
import JSON
import Jobs

extension Job {
  /// Everything about a job, for programs.
  var json: JSONValue {
    var object: JSONObject = [
      "key": .string(key), "uid": .string(uid), "namespace": .string(terms.namespace),
      "name": .string(terms.name),
      "source": ["namespace": .string(terms.sourceNamespace), "name": .string(terms.sourceName)],
      "volumeMode": .string(terms.volumeMode.rawValue), "contentType": .string(terms.contentType.rawValue),
      "requester": .string(terms.requester), "step": .string(step.rawValue), "phase": .string(phase.rawValue),
      "progress": .string(progressText), "bytes": bytesJSON, "restarts": .number(String(restarts)),
      "reason": .string(reason), "message": .string(message), "ended": .bool(hasEnded),
      "acceptedAt": .string(Self.time(acceptedAt)), "startedAt": Self.time(startedAt),
      "finishedAt": Self.time(finishedAt),
      "sourcePlace": sourcePlace.map { .string($0) } ?? .null,
      "targetPlace": targetPlace.map { .string($0) } ?? .null,
    ]
    if let owner = terms.owner {
      object["owner"] = ["kind": .string(owner.kind), "name": .string(owner.name), "uid": .string(owner.uid)]
    }
    if case .retry(let at)? = failure { object["retryAt"] = .string(Self.time(at)) }
    if let report { object["report"] = report.json }
    return .object(object)
  }

  private var bytesJSON: JSONValue {
    let parts: [(String, Int64)] = [
      ("total", progress.total), ("done", progress.done), ("read", progress.read),
      ("written", progress.written),
      ("zero", progress.zero), ("reflinked", progress.reflinked), ("perSecond", progress.rate),
    ]
    var object = JSONObject()
    for (name, count) in parts { object[name] = .number(String(count)) }
    object["secondsLeft"] = secondsLeft.map { .number(String($0)) } ?? .null
    return .object(object)
  }

  private static func time(_ milliseconds: Int64) -> String {
    ObjectLifecycle.time(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }

  private static func time(_ milliseconds: Int64?) -> JSONValue {
    milliseconds.map { .string(time($0)) } ?? .null
  }
}

extension JobReport {
  var json: JSONValue {
    [
      "strategy": .string(strategy), "notes": .array(notes.map { .string($0) }),
      "preallocationRequested": .string(preallocationRequested),
      "preallocationAchieved": .string(preallocationAchieved), "digest": .string(digest),
      "verified": .string(verified),
    ]
  }
}
