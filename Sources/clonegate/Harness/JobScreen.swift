import JSON
import Jobs

/// What `watch` has on the screen.
struct JobScreen: Sendable {
  let display: JobWatch.Display
  /// Lines of bars that are above the cursor.
  private var height = 0
  private var shown: [Int64: String] = [:]
  private var hasWarned = false

  init(display: JobWatch.Display) { self.display = display }

  mutating func show(_ jobs: [Job]) {
    switch display {
    case .bars: draw(jobs)
    case .lines: print(jobs) { Self.line($0) }
    case .json: print(jobs) { String(decoding: $0.json.bytes, as: UTF8.self) }
    }
  }

  mutating func deleted(_ job: Job) {
    if display == .lines { Console.out("\(job.terms.namespace)/\(job.terms.name) deleted") }
  }

  mutating func warnOnce(_ text: String) {
    guard !hasWarned else { return }
    hasWarned = true
    Console.error("Warning: \(text)")
    height = 0
  }

  /// Only what differs from what was said before.
  private mutating func print(_ jobs: [Job], _ text: (Job) -> String) {
    for job in jobs {
      let text = text(job)
      if shown.updateValue(text, forKey: job.id) != text { Console.out(text) }
    }
  }

  private mutating func draw(_ jobs: [Job]) {
    let up = height > 0 ? "\u{1b}[\(height)A" : ""
    let lines = jobs.map { "\u{1b}[2K" + Self.bar($0) }
    guard !lines.isEmpty else { return }
    Console.out(up + lines.joined(separator: "\n") + "\u{1b}[J")
    height = lines.count
  }

  private static func line(_ job: Job) -> String {
    var words = ["\(job.terms.namespace)/\(job.terms.name)", job.phase.rawValue, job.progressText]
    if job.progress.total > 0 { words.append(job.bytesText) }
    if job.step.isMoving { words += [job.step.rawValue, job.rateText, "eta \(job.etaText)"] }
    return words.joined(separator: " ") + trouble(job)
  }

  private static func bar(_ job: Job) -> String {
    let width = 28
    let done = job.progress.total > 0 ? Double(job.progress.done) / Double(job.progress.total) : 0
    let full = job.step == .reported ? width : min(width, Int(done * Double(width)))
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
    let title = "\(job.terms.namespace)/\(job.terms.name) \(job.phase.rawValue)"
    var text = "\(title) [\(bar)] \(job.progressText) \(job.bytesText)"
    if job.step.isMoving { text += " \(job.rateText) eta \(job.etaText) \(job.step.rawValue)" }
    return text + trouble(job)
  }

  private static func trouble(_ job: Job) -> String {
    guard !job.step.isMoving, job.step != .reported else { return "" }
    let words = (job.step == .cancelled ? [job.message] : [job.reason, job.message]).filter { !$0.isEmpty }
    return words.isEmpty ? "" : " " + words.joined(separator: ": ")
  }
}
