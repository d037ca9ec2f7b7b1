/// A set of labels, written once: `code="200",kind="DataVolume"`, by name, each name once.
struct MetricLabels: Hashable, Sendable {
  /// The longest value. Names of Kubernetes objects have at most 253 bytes, and they should not be labels
  /// anyway.
  static let maxValueBytes = 256
  /// Stands for all the series that a metric was not allowed to have.
  static let overflow = MetricLabels([("overflow", "true")])

  let text: String

  init(_ labels: [(String, String)]) {
    let values = Dictionary(labels.map { (MetricName.label($0), $1) }) { $1 }
    text = values.sorted { $0.key < $1.key }.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
  }

  /// In braces, with one more label if there is one; nothing at all without labels.
  func braced(_ more: String? = nil) -> String {
    let all = [text, more ?? ""].filter { !$0.isEmpty }.joined(separator: ",")
    return all.isEmpty ? "" : "{\(all)}"
  }

  private static func escape(_ value: String) -> String {
    var escaped = ""
    var left = maxValueBytes
    for scalar in value.unicodeScalars {
      left -= UTF8.width(scalar)
      guard left >= 0 else { break }
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
