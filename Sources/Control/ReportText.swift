internal import JSON

/// A copier's report in the words of a DataVolume's status.
struct ReportText {
  let report: VolumeCopyReport

  /// CDI's progress: "N/A" before there is a number, two decimals while it moves. It never says 100 before
  /// the end: what is copied but not yet flushed and verified is not done.
  var progress: String {
    if report.phase == .succeeded { return "100.0%" }
    guard let total = report.bytesTotal, let done = report.bytesDone, total > 0 else { return "N/A" }
    let hundredths = min(Int64(Double(min(done, total)) / Double(total) * 10_000), 9_999)
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
  }

  /// `status.copy`: numbers for programs, text for people. Rate and time left only while bytes move.
  var copy: JSONObject {
    var copy = JSONObject()
    if let total = report.bytesTotal {
      let done = report.phase == .succeeded ? total : min(report.bytesDone ?? 0, total)
      copy["bytesDone"] = .number(String(done))
      copy["bytesTotal"] = .number(String(total))
      copy["bytes"] = .string("\(Magnitude.bytes(done))/\(Magnitude.bytes(total))")
    }
    if report.phase == .copying || report.phase == .verifying {
      if let rate = report.bytesPerSecond { copy["rate"] = .string("\(Magnitude.bytes(rate))/s") }
      if let seconds = report.secondsLeft { copy["timeLeft"] = .string(Magnitude.duration(seconds)) }
    }
    if !report.method.isEmpty { copy["method"] = .string(report.method) }
    if !report.digest.isEmpty { copy["digest"] = .string(report.digest) }
    if let preallocation = report.preallocation {
      copy["preallocation"] = .string(preallocation.achieved)
    }
    return copy
  }
}
