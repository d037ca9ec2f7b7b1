internal import Admission
internal import JSON

/// Reads the fields of one object of a VolumeCopy and says which one is wrong. What a node or a controller
/// reads may have been written by another version of this program, or by hand.
struct VolumeCopyFields {
  let node: JSONNode
  /// JSON path of the object.
  let path: String

  /// A uid is 36 characters where API servers make it; Kubernetes calls it opaque. As the CRD has it.
  static let maxUID = 63

  private func problem(_ name: String, _ message: String) -> VolumeCopyProblem {
    VolumeCopyProblem("\(path).\(name)", message)
  }

  func object(_ name: String) throws(VolumeCopyProblem) -> VolumeCopyFields {
    guard let member = node.field(name), member.kind == .object else { throw problem(name, "is missing") }
    return VolumeCopyFields(node: member, path: "\(path).\(name)")
  }

  func name(_ name: String, _ rule: NameRule) throws(VolumeCopyProblem) -> String {
    guard let text = node.filled(name) else { throw problem(name, "is missing") }
    if let wrong = rule.problem(with: text) {
      throw problem(name, "\(BoundedText.quoted(text)) is no name: \(wrong)")
    }
    return text
  }

  /// A uid is the key of a job: nothing that could be a path or a second line is taken.
  func uid(_ name: String) throws(VolumeCopyProblem) -> String {
    guard let text = node.filled(name) else { throw problem(name, "is missing") }
    guard text.utf8.count <= Self.maxUID, text.utf8.allSatisfy(Self.isPlain) else {
      throw problem(
        name, "\(BoundedText.quoted(text)) is no uid: letters, digits and '-', at most \(Self.maxUID)")
    }
    return text
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(VolumeCopyProblem) -> Choice where Choice.RawValue == String {
    guard let text = node.filled(name) else { throw problem(name, "is missing") }
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw problem(name, "\(BoundedText.quoted(text)) is none of: \(known)")
    }
    return choice
  }

  func flag(_ name: String) throws(VolumeCopyProblem) -> Bool {
    guard let flag = node.field(name)?.bool else { throw problem(name, "is not true or false") }
    return flag
  }

  func number(_ name: String, in range: ClosedRange<Int64>) throws(VolumeCopyProblem) -> Int64 {
    guard let number = try optionalNumber(name, in: range) else { throw problem(name, "is missing") }
    return number
  }

  /// Nil when it is absent.
  func optionalNumber(_ name: String, in range: ClosedRange<Int64>) throws(VolumeCopyProblem) -> Int64? {
    guard let member = node.field(name) else { return nil }
    guard let number = member.int, range.contains(number) else {
      throw problem(name, "is no whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Nil when it is absent.
  func optionalTime(_ name: String) throws(VolumeCopyProblem) -> UTCTime? {
    guard let member = node.field(name) else { return nil }
    guard let time = member.string.flatMap({ UTCTime($0) }) else {
      throw problem(name, "is no time in UTC, as in 2026-11-23T06:40:01Z")
    }
    return time
  }

  /// One line, cut at the CRD's limit; empty when it is absent.
  func line(_ name: String, limit: Int) -> String {
    BoundedText.message(BoundedText.sentence(node.text(name) ?? ""), limit: limit)
  }
}
