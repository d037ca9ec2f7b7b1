import ArgumentParser
import Glibc
import JSON
import VolumeCopy

/// How `copy` and `verify` show that they live.
enum ProgressChoice: String, ExpressibleByArgument, CaseIterable {
  /// A bar if standard error is a terminal, else nothing.
  case auto
  case bar, json, off
}

/// Shows progress: a bar on standard error for people, one JSON object a line on standard output for
/// programs.
final class ProgressDisplay {
  private static let barWidth = 30
  /// Programs are told once a second, people as often as the engine says.
  private static let jsonInterval: Int64 = 1_000_000_000

  private let choice: ProgressChoice
  private var lastLine: Int64 = 0
  private var isBarShown = false

  init(_ choice: ProgressChoice) {
    self.choice = choice == .auto ? (isatty(STDERR_FILENO) == 1 ? .bar : .off) : choice
  }

  func show(_ progress: CopyProgress) {
    switch choice {
    case .bar: write(Self.bar(progress))
    case .json: line(progress)
    case .auto, .off: break
    }
  }

  /// Leaves the terminal with a clean line.
  func end() {
    if isBarShown { write("\r\u{1B}[K") }
    isBarShown = false
  }

  private func write(_ text: String) {
    isBarShown = true
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  private func line(_ progress: CopyProgress) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let time = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    guard time - lastLine >= Self.jsonInterval || progress.stage == .done else { return }
    lastLine = time
    Console.out(String(decoding: progress.json.bytes, as: UTF8.self))
  }

  static func bar(_ progress: CopyProgress) -> String {
    let done = progress.stage == .verifying ? progress.verified : progress.finished
    let share = progress.total > 0 ? Double(done) / Double(progress.total) : 0
    let filled = min(barWidth, Int(share * Double(barWidth)))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: barWidth - filled)
    let percent = progress.stage == .done ? 100 : min(99, Int(share * 100))
    let rate = progress.rate > 0 ? "  \(ByteText.short(progress.rate))/s" : ""
    let left = progress.secondsLeft.map { "  \(ByteText.time($0)) left" } ?? ""
    let size = "\(ByteText.short(done)) of \(ByteText.short(progress.total))"
    return "\r\u{1B}[K\(progress.stage.rawValue) [\(bar)] \(percent)%  \(size)\(rate)\(left)"
  }
}

extension CopyProgress {
  var json: JSONValue {
    [
      "event": "progress", "stage": .string(stage.rawValue), "percent": .number("\(percent)"),
      "total": .number("\(total)"), "finished": .number("\(finished)"), "read": .number("\(read)"),
      "written": .number("\(written)"), "zero": .number("\(zero)"), "reflinked": .number("\(reflinked)"),
      "resumed": .number("\(resumed)"), "verified": .number("\(verified)"),
      "bytesPerSecond": .number("\(rate)"), "secondsLeft": secondsLeft.map { .number("\($0)") } ?? .null,
    ]
  }
}
