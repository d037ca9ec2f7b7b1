import ArgumentParser
import JSON
import VolumeCopy

/// `verify`: are two volumes equal, or does a volume have this digest?
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compare two volumes, or a volume and a digest.",
    discussion: """
      The second word is a volume, 'tree-sha256:...' as 'copy' prints it, or 'sha256:...' and what sha256sum
      prints. A second volume that is larger is equal if the rest of it is zero. Without a second word the
      digest is printed.
      """)

  @Argument(help: "The volume to look at.") var source: String
  @Argument(help: "A volume, or a digest.") var target: String?
  @OptionGroup var options: VolumeOptions
  @Option(help: "digest, or read: past the page cache, what the storage holds.")
  var verify = Verification.digest

  func validate() throws {
    if verify == .off { throw ValidationError("'verify --verify off' would do nothing: use digest or read") }
  }

  func run() throws {
    Interrupt.watch()
    let display = ProgressDisplay(options.progress)
    let events = CopyEvents(progress: { display.show($0) }, isCancelled: { Interrupt.wasAsked })
    let verdict: Verdict
    do throws(CopyError) {
      verdict = try judge(events)
      display.end()
    } catch {
      display.end()
      throw CommandFailure(error)
    }
    Console.out(options.output == .json ? verdict.json : verdict.text)
    if !verdict.isEqual { throw ExitCode(CommandFailure.failedCode) }
  }

  /// What was found, in words and for programs.
  struct Verdict {
    var isEqual: Bool
    var text: String
    var members: JSONValue

    var json: String {
      var value = members
      value["equal"] = .bool(isEqual)
      return String(decoding: value.bytes, as: UTF8.self)
    }
  }

  private func judge(_ events: CopyEvents) throws(CopyError) -> Verdict {
    let volume = VolumeArgument.location(source)
    guard let target else {
      let digest = try digest(of: volume, events)
      return Verdict(isEqual: true, text: digest, members: ["digest": .string(digest)])
    }
    if target.hasPrefix("sha256:") {
      let found = try Comparison.sha256(of: volume, events: events)
      return Self.verdict(found: "sha256:" + found, wanted: target.lowercased())
    }
    if target.hasPrefix("tree-sha256:") {
      return Self.verdict(found: try digest(of: volume, events), wanted: target.lowercased())
    }
    return try compare(volume, VolumeArgument.location(target), events)
  }

  private func digest(of volume: VolumeLocation, _ events: CopyEvents) throws(CopyError) -> String {
    try Comparison.digest(
      of: volume, threads: options.threads, limits: options.limits, direct: verify == .read, events: events
    ).description
  }

  private static func verdict(found: String, wanted: String) -> Verdict {
    let text = found == wanted ? "equal: \(found)" : "different: the volume has \(found)"
    return Verdict(isEqual: found == wanted, text: text, members: ["digest": .string(found)])
  }

  private func compare(
    _ first: VolumeLocation, _ second: VolumeLocation, _ events: CopyEvents
  ) throws(CopyError) -> Verdict {
    let outcome = try Comparison.compare(
      first, second, threads: options.threads, limits: options.limits, direct: verify == .read, events: events
    )
    guard let place = outcome.difference else {
      let tail = outcome.zeroTail > 0 ? "; \(second) is larger by \(outcome.zeroTail) bytes, all zero" : ""
      return Verdict(
        isEqual: true, text: "equal: \(outcome.bytes) bytes\(tail)",
        members: ["bytes": .number("\(outcome.bytes)"), "zeroTail": .number("\(outcome.zeroTail)")])
    }
    return Verdict(
      isEqual: false, text: "different: first at offset \(place.offset), \(place.length) bytes",
      members: ["offset": .number("\(place.offset)"), "length": .number("\(place.length)")])
  }
}
