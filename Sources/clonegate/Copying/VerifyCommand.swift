import ArgumentParser
import VolumeCopy

/// `verify`: are two volumes equal, or does a volume have this digest, or these?
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compare two volumes, or a volume and a digest.",
    discussion: """
      The second word is a volume, 'digests:FILE' with a list that --write-digests made, 'tree-sha256:...' \
      as 'copy' prints it, or 'sha256:...' and what sha256sum prints (read by one thread). Volumes and lists \
      tell where the first difference is; one digest cannot. What is larger than the image is equal if the \
      rest of it is zero: a second volume, or the first one beside a list. Without a second word the digest \
      is printed.
      """)

  /// What is compared. `off` is a word of `clonegate copy`: a comparison that compares nothing would be none.
  enum Reading: String, ExpressibleByArgument, CaseIterable { case digest, read, off }

  @Argument(help: "The volume to look at.") var source: String
  @Argument(help: "A volume, a list of digests, or a digest.") var target: String?
  @OptionGroup var options: VolumeOptions
  @Option(help: "digest, or read: past the page cache, what the storage holds; off is digest here.")
  var verify = Reading.digest
  @Option(help: "No effect here, as nothing is written; for the flags of copy.")
  var preallocate = Preallocation.off
  @Option(help: .init("Also write the volume's digests into this new file.", valueName: "file"))
  var writeDigests: String?

  @OptionGroup var configurationFile: ConfigurationOption

  func validate() throws {
    if target != nil && writeDigests != nil {
      throw ValidationError("--write-digests goes with one volume: leave '\(target!)' out")
    }
    // Better said now than after an hour of reading.
    for kind in ["sha256:", "tree-sha256:"] where target?.hasPrefix(kind) == true {
      let digits = target!.dropFirst(kind.count)
      guard digits.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
        throw ValidationError("'\(target!)' is no digest: 64 hexadecimal digits follow '\(kind)'")
      }
    }
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
      throw options.failure(error)
    }
    Console.out(options.output == .json ? verdict.json : verdict.text)
    if !verdict.isEqual { throw ExitCode(CommandFailure.failedCode) }
  }

  private func judge(_ events: CopyEvents) throws(CopyError) -> Verdict {
    let volume = VolumeArgument.location(source)
    guard let target else {
      let file = try writeDigests.map { (path) throws(CopyError) in try DigestFile(path) }
      let list = try digests(of: volume, events)
      try file?.write(list)
      return Verdict(digest: list.digest)
    }
    if target.hasPrefix("sha256:") {
      let found = try Comparison.sha256(
        of: volume, limits: options.limits, direct: isDirect, events: events)
      return Verdict(found: "sha256:" + found, wanted: target.lowercased())
    }
    if target.hasPrefix("tree-sha256:") {
      return Verdict(found: "\(try digests(of: volume, events).digest)", wanted: target.lowercased())
    }
    if target.hasPrefix("digests:") {
      return try compare(volume, try DigestFile.read(String(target.dropFirst("digests:".count))), events)
    }
    return try compare(volume, VolumeArgument.location(target), events)
  }

  private var isDirect: Bool { verify == .read }

  private func digests(of volume: VolumeLocation, _ events: CopyEvents) throws(CopyError) -> DigestList {
    try Comparison.digests(
      of: volume, threads: options.threads, limits: options.limits, direct: isDirect, events: events)
  }

  private func compare(
    _ volume: VolumeLocation, _ list: DigestList, _ events: CopyEvents
  ) throws(CopyError) -> Verdict {
    let outcome = try Comparison.compare(
      volume, with: list, threads: options.threads, limits: options.limits, direct: isDirect, events: events)
    return Verdict(outcome, list: list, volume: source)
  }

  private func compare(
    _ first: VolumeLocation, _ second: VolumeLocation, _ events: CopyEvents
  ) throws(CopyError) -> Verdict {
    let outcome = try Comparison.compare(
      first, second, threads: options.threads, limits: options.limits, direct: isDirect, events: events)
    return Verdict(outcome, second: "\(second)")
  }
}
