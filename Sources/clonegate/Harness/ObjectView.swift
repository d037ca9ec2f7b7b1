import Control
import Foundation
import JSON
import Jobs

/// A stored object as `get` shows it: with the status that CDI's and KubeVirt's controllers would have
/// written.
struct ObjectView: Sendable {
  let kind: ObjectKind
  let json: JSONValue
  /// The job of a DataVolume.
  var job: Job?

  var name: String { json["metadata"]?["name"]?.string ?? "" }
  var namespace: String { json["metadata"]?["namespace"]?.string ?? "" }

  /// Seconds since it was made; nil when nobody wrote that down.
  func age(_ now: Date) -> Int64? {
    let text = json["metadata"]?["creationTimestamp"]?.string
    let made =
      text.flatMap { try? Date($0, strategy: .iso8601) }
      ?? job.map { Date(timeIntervalSince1970: Double($0.acceptedAt) / 1000) }
    return made.map { Int64(now.timeIntervalSince($0)) }
  }

  func ageText(_ now: Date) -> String { age(now).map(Magnitude.duration) ?? "<unknown>" }
}
