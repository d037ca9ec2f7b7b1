import Control
import Foundation
import JSON
import Jobs

/// The columns of `get`, CDI's and KubeVirt's first.
struct ObjectTable: Sendable {
  let kind: ObjectKind
  let showsNamespace: Bool
  let now: Date

  func text(_ views: [ObjectView]) -> String {
    let namespace = showsNamespace && kind.isNamespaced
    var table = TextTable(columns: (namespace ? ["NAMESPACE"] : []) + columns)
    table.rows = views.map { (namespace ? [$0.namespace] : []) + [$0.name] + cells($0) }
    return table.text
  }

  private var columns: [String] {
    switch kind {
    case .dataVolume: ["NAME", "PHASE", "PROGRESS", "RESTARTS", "AGE", "BYTES", "RATE", "ETA", "REASON"]
    case .virtualMachine: ["NAME", "AGE", "STATUS", "READY"]
    case .claim:
      ["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEMODE", "AGE"]
    case .volume:
      ["NAME", "CAPACITY", "ACCESS MODES", "STATUS", "CLAIM", "STORAGECLASS", "VOLUMEMODE", "PATH"]
    default: ["NAME", "AGE"]
    }
  }

  private func cells(_ view: ObjectView) -> [String] {
    switch kind {
    case .dataVolume: dataVolume(view)
    case .virtualMachine: virtualMachine(view)
    case .claim: claim(view)
    case .volume: volume(view)
    default: [view.ageText(now)]
    }
  }

  private func dataVolume(_ view: ObjectView) -> [String] {
    let status = view.json["status"]
    let start = [
      status?["phase"]?.string ?? "", status?["progress"]?.string ?? "", String(view.job?.restarts ?? 0),
      view.ageText(now),
    ]
    guard let job = view.job else {
      let running = status?["conditions"]?.array?.first { $0["type"] == "Running" }
      return start + ["-", "-", "-", running?["reason"]?.string ?? ""]
    }
    return start + [job.bytesText, job.rateText, job.etaText, job.reason]
  }

  private func virtualMachine(_ view: ObjectView) -> [String] {
    let status = view.json["status"]
    return [
      view.ageText(now), status?["printableStatus"]?.string ?? "",
      status?["ready"]?.bool == true ? "True" : "False",
    ]
  }

  private func claim(_ view: ObjectView) -> [String] {
    let spec = view.json["spec"]
    let volume = spec?["volumeName"]?.string ?? ""
    let phase = view.json["status"]?["phase"]?.string ?? (volume.isEmpty ? "Pending" : "Bound")
    return [
      phase, volume, spec?["resources"]?["requests"]?["storage"]?.string.map(Self.capacity) ?? "",
      modes(spec),
      spec?["storageClassName"]?.string ?? "", spec?["volumeMode"]?.string ?? "Filesystem", view.ageText(now),
    ]
  }

  private func volume(_ view: ObjectView) -> [String] {
    let spec = view.json["spec"]
    let claim = spec?["claimRef"].map { "\($0["namespace"]?.string ?? "")/\($0["name"]?.string ?? "")" } ?? ""
    return [
      spec?["capacity"]?["storage"]?.string ?? "", modes(spec), view.json["status"]?["phase"]?.string ?? "",
      claim,
      spec?["storageClassName"]?.string ?? "", spec?["volumeMode"]?.string ?? "Filesystem",
      ObjectCatalog.path(of: view.json) ?? "",
    ]
  }

  private func modes(_ spec: JSONValue?) -> String {
    let short = [
      "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP",
    ]
    return (spec?["accessModes"]?.array ?? []).compactMap(\.string).map { short[$0] ?? $0 }.joined(
      separator: ",")
  }

  /// Plain bytes are for programs.
  private static func capacity(_ text: String) -> String { Int64(text).map(Magnitude.bytes) ?? text }
}
