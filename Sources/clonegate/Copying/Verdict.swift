import JSON
import VolumeCopy

/// What `verify` found, in words and for programs.
struct Verdict {
  let isEqual: Bool
  let text: String
  private var members: JSONValue

  private init(isEqual: Bool, _ text: String, _ members: JSONValue) {
    self.isEqual = isEqual
    self.text = text
    self.members = members
    self.members["equal"] = .bool(isEqual)
  }

  var json: String { String(decoding: members.bytes, as: UTF8.self) }

  /// A digest that was only asked for.
  init(digest: TreeDigest) {
    self.init(isEqual: true, "\(digest)", ["digest": .string("\(digest)")])
  }

  /// A digest beside the one that was wanted.
  init(found: String, wanted: String) {
    guard found != wanted else {
      self.init(isEqual: true, "equal: \(found)", ["digest": .string(found)])
      return
    }
    let text = """
      different: the volume has \(found)
      where, one digest cannot say; a list of them can: make one of a good copy with 'clonegate verify GOOD \
      --write-digests FILE' (or while copying), then 'clonegate verify VOLUME digests:FILE'
      """
    self.init(isEqual: false, text, ["digest": .string(found)])
  }

  init(_ outcome: Comparison.Outcome, second: String) {
    guard let place = outcome.difference else {
      self.init(
        isEqual: true, "equal: \(outcome.bytes) bytes\(Self.tail(of: second, outcome.zeroTail))",
        ["bytes": .number("\(outcome.bytes)"), "zeroTail": .number("\(outcome.zeroTail)")])
      return
    }
    self.init(
      isEqual: false, "different: first at offset \(place.offset), \(place.length) bytes",
      Self.members(place))
  }

  init(_ outcome: Comparison.ListOutcome, list: DigestList, volume: String) {
    guard let place = outcome.difference else {
      self.init(
        isEqual: true, "equal: \(list.digest)\(Self.tail(of: volume, outcome.zeroTail))",
        ["digest": .string("\(list.digest)"), "zeroTail": .number("\(outcome.zeroTail)")])
      return
    }
    var members = Self.members(place)
    members["runs"] = .number("\(outcome.runs)")
    members["differingRuns"] = .number("\(outcome.differingRuns)")
    guard outcome.differingRuns > 0 else {
      self.init(
        isEqual: false,
        "different: first at offset \(place.offset), \(place.length) bytes: beyond the image of"
          + " \(list.length) bytes, and not zero", members)
      return
    }
    let isShort = outcome.bytes < list.length
    let size = isShort ? "; \(volume) holds \(outcome.bytes) bytes, the image \(list.length)" : ""
    self.init(
      isEqual: false,
      "different: first in the \(place.length) bytes at offset \(place.offset);"
        + " \(outcome.differingRuns) of \(outcome.runs) runs differ\(size)", members)
  }

  private static func tail(of volume: String, _ bytes: Int64) -> String {
    bytes > 0 ? "; \(volume) is larger by \(bytes) bytes, all zero" : ""
  }

  private static func members(_ place: Comparison.Difference) -> JSONValue {
    ["offset": .number("\(place.offset)"), "length": .number("\(place.length)")]
  }
}
